// The page's half of a widget manager, as small as it can be: it gives each figure on the page to
// the same module that runs in a notebook. A classic script, since a page opened as file:// may
// load no module; the module's own text stands in MODULE, and a Blob URL makes it importable.

(() => {
  // What a module of the anywidget contract may ask of its model.
  const modelOf = (data) => ({
    get: (name) => ({ data, page: true })[name],
    set() {},
    save_changes() {},
    on() {},
    off() {},
    send() {},
  });

  const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

  async function mount(figure, module) {
    const data = figure.querySelector("script.flipbook-data");
    const picture = figure.querySelector(".flipbook-picture");
    const stage = document.createElement("div");
    await module.render({ model: modelOf(bytesOf(data.textContent)), el: stage });
    picture.replaceWith(stage); // only now: whatever fails before leaves the picture standing
    figure.classList.add("flipbook-live");
  }

  async function start() {
    const figures = [...document.querySelectorAll("figure.flipbook")];
    if (!figures.length) return;
    const url = URL.createObjectURL(new Blob([MODULE], { type: "text/javascript" }));
    const module = (await import(url)).default;
    URL.revokeObjectURL(url);
    await Promise.all(figures.map((figure) => mount(figure, module)));
    document.documentElement.dataset.flipbooks = "ready";
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
