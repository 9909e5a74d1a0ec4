// What the frame of a page does: colours, the list of chapters, print, copying, long lines.
"use strict";

(function () {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  // Light, dark, or as the system has it.
  const NAMES = { auto: "as the system", light: "light", dark: "dark" };
  function setMode(mode) {
    root.dataset.mode = mode;
    root.dataset.theme = mode === "auto" ? (system.matches ? "dark" : "light") : mode;
    const button = document.querySelector("button.mode");
    if (button) button.setAttribute("aria-label", `Colours: ${NAMES[mode]}`);
  }
  function nextMode(mode) {
    const order = system.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    return order[(order.indexOf(mode) + 1) % order.length];
  }
  system.addEventListener("change", () => setMode(root.dataset.mode));

  // A box whose content is wider than itself can be scrolled by the keyboard too.
  const WIDE = "div.highlight pre, .math, div.table-wrapper, .output.text_html, .output > pre";
  function letKeysScroll() {
    // A formula within a line is let out of the line only where it is wider than the text.
    document.querySelectorAll("article span.math").forEach((formula) => {
      const room = formula.parentElement.closest("p, li, td, dd, figcaption, summary, article");
      formula.classList.remove("wide");
      const set = formula.querySelector("mjx-container");
      if (set && room && set.offsetWidth > room.clientWidth) formula.classList.add("wide");
    });
    document.querySelectorAll(WIDE).forEach((box) => {
      const wide = box.scrollWidth > box.clientWidth + 1;
      if (wide) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }

  function addCopyButtons() {
    document.querySelectorAll("div.cell_input pre, article div.highlight pre").forEach((pre) => {
      if (pre.closest(".cell_output") || pre.parentNode.querySelector("button.copy")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy this code");
      button.addEventListener("click", () => {
        copy(pre.textContent).then((done) => {
          button.textContent = done ? "Copied" : "Select and copy by hand";
          setTimeout(() => (button.textContent = "Copy"), 1500);
        });
      });
      pre.parentNode.append(button);
    });
  }
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      return false; // not allowed here
    }
  }

  // Which section is being read, in the page's own contents: the last heading above the text.
  function followReader() {
    const sections = [...document.querySelectorAll(".outline a[href^='#']")]
      .map((link) => [document.getElementById(decodeURIComponent(link.hash.slice(1))), link])
      .filter(([section]) => section);
    let waiting = false;
    function mark() {
      waiting = false;
      const line = innerHeight / 4;
      const above = sections.filter(([section]) => section.getBoundingClientRect().top < line);
      sections.forEach(([, link]) => link.removeAttribute("aria-current"));
      above.at(-1)?.[1].setAttribute("aria-current", "true");
    }
    function soon() {
      if (!waiting) requestAnimationFrame(mark);
      waiting = true;
    }
    addEventListener("scroll", soon, { passive: true });
    addEventListener("load", soon);
    soon();
  }

  // MathJax sets what the reader sees first; the other formulas follow, some at a time, so that
  // the page answers meanwhile. Its startup.promise is kept when all of them are set.
  const AT_A_TIME = 24;
  let unset = [];
  async function setFormulas() {
    const formulas = [...document.querySelectorAll("article .math")];
    const isNear = (formula) => {
      const box = formula.getBoundingClientRect();
      return box.height > 0 && box.bottom > -innerHeight / 2 && box.top < 1.5 * innerHeight;
    };
    const near = formulas.filter(isNear);
    unset = formulas.filter((formula) => !near.includes(formula));
    if (near.length) await MathJax.typesetPromise(near);
    root.dataset.formulas = "near";
    while (unset.length) {
      await new Promise((resolve) => setTimeout(resolve));
      const next = unset.splice(0, AT_A_TIME);
      if (next.length) await MathJax.typesetPromise(next);
    }
    root.dataset.formulas = "all";
  }
  if (window.MathJax?.config?.startup) MathJax.config.startup.pageReady = setFormulas;

  // On paper every formula is set and every fold is open; afterwards each fold is as it was.
  let opened = [];
  addEventListener("beforeprint", () => {
    if (unset.length) MathJax.typeset(unset.splice(0));
    opened = [...document.querySelectorAll("article details:not([open])")];
    opened.forEach((fold) => (fold.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((fold) => (fold.open = false)));

  function start() {
    setMode(root.dataset.mode);
    document.querySelector("button.mode")?.addEventListener("click", () => {
      const mode = nextMode(root.dataset.mode);
      try {
        localStorage.setItem("descent-mode", mode);
      } catch (error) {
        // storage is off: the choice holds for this page
      }
      setMode(mode);
    });
    const menu = document.querySelector("button.menu");
    function showChapters(open) {
      menu.setAttribute("aria-expanded", String(open));
      document.body.classList.toggle("chapters-open", open);
    }
    menu?.addEventListener("click", () => showChapters(menu.getAttribute("aria-expanded") !== "true"));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && document.body.classList.contains("chapters-open")) {
        showChapters(false);
        menu.focus();
      }
    });
    addCopyButtons();
    followReader();
    letKeysScroll();
    addEventListener("resize", letKeysScroll);
    addEventListener("load", letKeysScroll);
    document.addEventListener("toggle", letKeysScroll, true);
    window.MathJax?.startup?.promise?.then(letKeysScroll);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
