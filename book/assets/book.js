// What furo leaves to the book: formulas first where one reads, keys for its drawers, print.
"use strict";

(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];

  // A box whose content is wider than itself can be scrolled by the keyboard too.
  function letKeysScroll() {
    for (const box of all("pre, .math-wrapper, .table-wrapper, .output.text_html")) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }
  letKeysScroll();
  addEventListener("resize", letKeysScroll);
  document.addEventListener("toggle", letKeysScroll, true);

  // MathJax sets what the reader sees first; the other formulas follow, some at a time, so that
  // the page answers meanwhile. One within a line may break after a relation or an operation.
  let unset = window.MathJax?.config?.startup ? all("article .math") : [];
  const signs = [..."=≤≥≈<>→+−"].map((sign) => `.mjx-c${sign.codePointAt().toString(16).toUpperCase()}`);
  const breaks = `mjx-math > mjx-mo:has(${signs}):not(:last-child)`;
  async function setFormulas() {
    const isNear = (box) => box.height > 0 && box.bottom > -innerHeight / 2 && box.top < 1.5 * innerHeight;
    const near = unset.filter((formula) => isNear(formula.getBoundingClientRect()));
    unset = unset.filter((formula) => !near.includes(formula));
    for (let some = near; ; some = unset.splice(0, 24)) {
      if (some.length) await MathJax.typesetPromise(some);
      for (const formula of some)
        formula.querySelectorAll(breaks).forEach((sign) => sign.after(document.createElement("wbr")));
      document.documentElement.dataset.formulas = unset.length ? "near" : "all";
      if (!unset.length) break;
      await new Promise((resolve) => setTimeout(resolve));
    }
    letKeysScroll();
  }
  if (unset.length) MathJax.config.startup.pageReady = setFormulas;

  // On paper every formula is set and every fold is open; afterwards each fold is as it was.
  let opened = [];
  addEventListener("beforeprint", () => {
    if (unset.length) MathJax.typeset(unset.splice(0));
    opened = all("article details:not([open])");
    opened.forEach((fold) => (fold.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((fold) => (fold.open = false)));

  // furo's drawers are check boxes that only a pointer reaches: their labels become buttons.
  for (const box of all(".sidebar-toggle")) {
    const labels = all(`label[for=${box.id}]:not(.overlay)`);
    const tell = () => labels.forEach((label) => (label.ariaExpanded = box.checked));
    const close = () => {
      if (!box.checked) return;
      box.click();
      labels.find((label) => label.checkVisibility()).focus();
    };
    for (const label of labels) {
      Object.assign(label, { tabIndex: 0, role: "button", ariaLabel: box.ariaLabel });
      label.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") event.preventDefault(), label.click();
      });
    }
    tell();
    box.addEventListener("change", tell);
    addEventListener("keydown", (event) => event.key === "Escape" && close());
    if (box.id === "__toc") all(".toc-tree a").forEach((link) => link.addEventListener("click", close));
  }
})();
