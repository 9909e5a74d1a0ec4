// What a panel reports: a sentence, spoken by screen readers, over a picture. The kernel draws both.
export default {
  render({ model, el }) {
    const sentence = document.createElement("p");
    const picture = document.createElement("img");
    sentence.setAttribute("role", "status");
    picture.style.cssText = "display: block; max-width: 100%";
    el.append(sentence, picture);
    let address = "";

    const say = () => {
      const trouble = model.get("trouble");
      sentence.textContent = model.get("sentence");
      sentence.style.fontWeight = trouble ? "bold" : "";
      picture.style.opacity = trouble ? "0.35" : ""; // it still shows the last good run
    };
    const draw = () => {
      URL.revokeObjectURL(address);
      address = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
      picture.src = address;
      picture.width = model.get("width");
      picture.alt = model.get("alt");
    };
    say();
    draw();
    model.on("change:sentence change:trouble", say);
    model.on("change:png", draw);
    return () => {
      model.off("change:sentence change:trouble", say);
      model.off("change:png", draw);
      URL.revokeObjectURL(address);
    };
  },
};
