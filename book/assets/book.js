// What furo leaves to the book: formulas first where one reads, keys for its drawers, print.
"use strict";

(() => {
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];

  // A box whose content is wider than itself can be scrolled by the keyboard too.
  function letKeysScroll() {
    for (const box of all("pre, .math-wrapper, .table-wrapper, .output, .sidebar-scroll, .toc-scroll")) {
      const long = box.scrollWidth > box.clientWidth + 1 || box.matches(".toc-scroll");
      if (long) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  // A formula within a line may break after a relation or an operation, as in a printed book.
  const SIGNS = [..."=≤≥≈<>→+−"].map((sign) => `.mjx-c${sign.codePointAt(0).toString(16).toUpperCase()}`);
  function set(formulas) {
    return MathJax.typesetPromise(formulas).then(() => {
      for (const formula of formulas) {
        for (const sign of formula.querySelectorAll(`mjx-math > mjx-mo:has(${SIGNS})`)) {
          if (sign.nextElementSibling) sign.after(document.createElement("wbr"));
        }
      }
    });
  }

  // MathJax sets what the reader sees first; the other formulas follow, some at a time, so that
  // the page answers meanwhile. Its startup.promise is kept when all of them are set.
  let unset = [];
  async function setFormulas() {
    const near = (formula) => {
      const box = formula.getBoundingClientRect();
      return box.height > 0 && box.bottom > -innerHeight / 2 && box.top < 1.5 * innerHeight;
    };
    unset = all("article .math");
    const first = unset.filter(near);
    unset = unset.filter((formula) => !first.includes(formula));
    await set(first);
    root.dataset.formulas = "near";
    while (unset.length) {
      await new Promise((resolve) => setTimeout(resolve));
      await set(unset.splice(0, 24));
    }
    root.dataset.formulas = "all";
    letKeysScroll();
  }
  if (window.MathJax) MathJax.startup = { ...MathJax.startup, pageReady: setFormulas };

  // On paper every formula is set and every fold is open; afterwards each fold is as it was.
  let opened = [];
  addEventListener("beforeprint", () => {
    if (unset.length) MathJax.typeset(unset.splice(0));
    opened = all("article details:not([open])");
    opened.forEach((fold) => (fold.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((fold) => (fold.open = false)));

  // furo's drawers are check boxes that only a pointer reaches: their labels become buttons.
  function useKeys(id) {
    const box = document.getElementById(id);
    const labels = all(`label[for=${id}]:not(.overlay)`);
    const tell = () => labels.forEach((label) => label.setAttribute("aria-expanded", box.checked));
    const close = () => {
      if (!box.checked) return;
      box.click();
      labels.find((label) => label.checkVisibility())?.focus();
    };
    box.addEventListener("change", tell);
    for (const label of labels) {
      Object.assign(label, { tabIndex: 0, role: "button", ariaLabel: box.ariaLabel });
      label.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") (event.preventDefault(), label.click());
      });
    }
    addEventListener("keydown", (event) => event.key === "Escape" && close());
    document.querySelector(".toc-tree")?.addEventListener("click", close);
    tell();
  }

  useKeys("__navigation");
  useKeys("__toc");
  letKeysScroll();
  addEventListener("resize", letKeysScroll);
  document.addEventListener("toggle", letKeysScroll, true);
})();
