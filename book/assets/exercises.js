/* Answer boxes for the exercises: the rules of descent/exercises/kinds.py, on the page.
 *
 * Each box carries its data; an answer is read and judged by them as `check` does in a notebook.
 * Answers stay in this browser's own storage and go nowhere. A classic script, so that it also runs
 * on a page opened from a folder.
 */
(function () {
  "use strict";

  const KEY = "descent.exercises";

  /* Reading and judging: twins of the functions in kinds.py ------------------------------------- */

  const DIGITS = "(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?";
  const PLAIN = new RegExp(`^([+-]?${DIGITS})(?:/([+-]?${DIGITS}))?$`);
  const THOUSANDS = /^[+-]?[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*(?:[.][0-9]+)?$/;

  function tidy(text) {
    text = text.replace(/[\uFEFF\u200B-\u200D\u2060]/g, ""); // pasted, and invisible
    text = text.replace(/10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, "10^$1"); // 10⁻⁴ would become 10-4
    text = text.normalize("NFKC").replace(/[ \t\r\n]+/g, " ").replace(/^ +| +$/g, "");
    text = text.replace(/\u2212/g, "-").replace(/\u2044/g, "/");
    text = text.replace(/10(?:\^|\*\*) ?[({]([+-]?[0-9]+)[)}]/g, "10^$1"); // 10^(-4), 10^{-4}
    text = text.replace(/ ?[*×·] ?10(?:\^|\*\*)/g, "e");
    return text.replace(/(?<![0-9.eE])10(?:\^|\*\*)(?=[+-]?[0-9])/g, "1e");
  }

  /* The numbers that a text may mean: 0.15, 1.5e-1, 3/20, 0,15; and 1,553 means two. */
  function readNumber(text, unit) {
    text = tidy(text);
    if (unit && text.endsWith(tidy(unit))) {
      text = text.slice(0, -tidy(unit).length).replace(/^ +| +$/g, "");
    }
    const oneComma = text.split(",").length === 2 && !text.includes(".");
    const spellings = [oneComma ? text.replace(",", ".") : text];
    if (THOUSANDS.test(text)) spellings.push(text.replace(/[, ]/g, ""));
    const found = [];
    for (const spelling of spellings) {
      const parts = PLAIN.exec(spelling.replace(/ *[/] */g, "/"));
      if (!parts) continue;
      const below = parts[2] === undefined ? 1 : Number(parts[2]);
      found.push(below === 0 ? NaN : Number(parts[1]) / below);
    }
    return found;
  }

  function readVector(text, data) {
    text = tidy(text).replace(/^[[\]() ]+|[[\]() ]+$/g, "");
    for (const separator of [/ *; */, / *, +| +/, / *, */]) {
      const parts = text.split(separator);
      if (parts.length !== data.value.length) continue;
      const found = parts.map((part) => readNumber(part, data.unit));
      if (found.every((readings) => readings.length)) return [found.map((readings) => readings[0])];
    }
    return [];
  }

  function close(answer, value, data) {
    const near = (a, v) => Math.abs(a - v) <= data.atol + data.rtol * Math.abs(v);
    return data.kind === "vector" ? answer.every((a, i) => near(a, value[i])) : near(answer, value);
  }

  function letter(index) {
    return String.fromCharCode(97 + index);
  }

  function asks(data) {
    const unit = data.unit ? ` (in ${data.unit})` : "";
    if (data.kind === "number") return `a number${unit}`;
    if (data.kind === "vector") return `a list of ${data.value.length} numbers${unit}`;
    return `a letter ("a" to "${letter(data.options.length - 1)}")`;
  }

  function shown(text) {
    const letters = Array.from(text.trim().replace(/\s+/g, " "));
    return `“${letters.length <= 60 ? letters.join("") : letters.slice(0, 57).join("") + "..."}”`;
  }

  /* What an answer (a text; for a choice its letter) earned: {right, hint, ladder}. */
  function judge(data, answer) {
    if (data.kind === "choice") {
      const index = answer.charCodeAt(0) - 97;
      if (index === data.correct) return { right: true, hint: "", ladder: false };
      const why = data.why[index] || "";
      return { right: false, hint: why, ladder: !why };
    }
    const one = data.kind === "number";
    let readings = one ? readNumber(answer, data.unit) : readVector(answer, data);
    if (!readings.length) {
      const example = one ? '"0.15", "1.5e-1" or "3/20"' : '"1.5, 2, 3/4"';
      const hint = `${shown(answer)} cannot be read as ${asks(data)}. Write it like ${example}.`;
      return { right: false, hint, ladder: false };
    }
    readings = readings.filter((reading) => [].concat(reading).every(Number.isFinite));
    if (!readings.length) {
      const hint = "Every number must be finite: neither NaN nor infinity.";
      return { right: false, hint, ladder: false };
    }
    if (readings.some((reading) => close(reading, data.value, data))) {
      return { right: true, hint: "", ladder: false };
    }
    for (const [wrong, text] of data.mistakes) {
      if (readings.some((reading) => close(reading, wrong, data))) {
        return { right: false, hint: text, ladder: false };
      }
    }
    return { right: false, hint: "", ladder: true };
  }

  function hintText(data, rung) {
    return `Hint ${rung} of ${data.hints.length}: ${data.hints[rung - 1]}`;
  }

  /* The verdict in the words of `check`, and how far up the ladder of hints it leads. */
  function check(data, answer, rung) {
    if (!answer || !answer.trim()) {
      const how = data.kind === "choice" ? "Choose an option" : `Type ${asks(data)}`;
      const text = `${data.number} · not answered yet. ${how} and press Check.`;
      return { right: null, text, rung };
    }
    const { right, hint, ladder } = judge(data, answer);
    if (right) return { right, text: `${data.number} · right. ${data.after || ""}`.trim(), rung };
    if (!ladder) return { right, text: `${data.number} · not yet: ${hint}`, rung };
    rung = Math.min(rung + 1, data.hints.length);
    return { right, text: `${data.number} · not yet: ${hintText(data, rung)}`, rung };
  }

  /* What this browser remembers ------------------------------------------------------------------ */

  let forgetful = false; // the browser keeps nothing, as in some private windows
  let memory = {};

  function recall() {
    try {
      const kept = JSON.parse(window.localStorage.getItem(KEY) || "{}");
      if (kept && typeof kept === "object" && !Array.isArray(kept)) memory = kept;
    } catch (error) {
      forgetful = true;
    }
  }

  function keep() {
    try {
      if (Object.keys(memory).length) window.localStorage.setItem(KEY, JSON.stringify(memory));
      else window.localStorage.removeItem(KEY);
    } catch (error) {
      forgetful = true;
    }
  }

  function remembered(number) {
    const kept = Object.prototype.hasOwnProperty.call(memory, number) ? memory[number] : null;
    const known = kept && typeof kept === "object" ? kept : {};
    return {
      answer: typeof known.answer === "string" ? known.answer : "",
      right: known.right === true,
      rung: Number.isInteger(known.rung) && known.rung > 0 ? known.rung : 0,
    };
  }

  /* The form ------------------------------------------------------------------------------------- */

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value !== null) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  /* Text with `code` in it. */
  function rich(text) {
    return text.split("`").map((part, i) => (i % 2 ? element("code", {}, part) : part));
  }

  function build(box, data, changed) {
    const id = `exercise-${data.number.replace(/[^0-9A-Za-z]/g, "-")}`;
    const state = remembered(data.number);
    state.rung = Math.min(state.rung, data.hints.length);
    const verdict = element("p", { class: "exercise-verdict", id: `${id}-verdict`, role: "status" });
    const form = element("form", {
      class: "exercise-form",
      "aria-label": `Answer to exercise ${data.number}, ${data.title}`,
    });
    const { field, read, write } = fields[data.kind](data, id);
    const hint = element("button", { type: "button", class: "exercise-button" }, "Hint");
    const buttons = element("div", { class: "exercise-buttons" });
    if (data.kind !== "function") {
      const submit = element("button", { type: "submit", class: "exercise-button" }, "Check");
      submit.classList.add("exercise-check");
      buttons.append(submit);
    }
    buttons.append(hint);
    form.append(field, buttons, verdict);

    function say(right, text) {
      box.dataset.verdict = right === true ? "right" : right === false ? "wrong" : "open";
      verdict.replaceChildren(...rich(text));
    }

    function store() {
      memory[data.number] = { answer: state.answer, right: state.right, rung: state.rung };
      keep();
      changed();
    }

    function decide() {
      const answer = read();
      const found =
        data.kind === "function" ? ticked(data, answer) : check(data, answer, state.rung);
      state.answer = answer;
      state.right = found.right === true;
      state.rung = found.rung === undefined ? state.rung : found.rung;
      say(found.right, found.text);
      store();
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      decide();
    });
    if (data.kind === "function") field.addEventListener("change", decide);
    hint.addEventListener("click", () => {
      state.rung = (state.rung % data.hints.length) + 1;
      say(state.right ? true : null, `${data.number} · ${hintText(data, state.rung)}`);
      store();
    });

    function show() {
      write(state.answer);
      say(state.right ? true : null, state.right ? `${data.number} · right. ${data.after || ""}` : "");
    }
    show();
    box.replaceChildren(form);
    return {
      right: () => state.right,
      clear: () => {
        Object.assign(state, { answer: "", right: false, rung: 0 });
        show();
      },
    };
  }

  function ticked(data, answer) {
    return answer
      ? { right: true, text: `${data.number} · right, as your notebook says. ${data.after || ""}` }
      : { right: null, text: "" };
  }

  function textField(data, id) {
    const example = data.kind === "number" ? "such as 0.15 or 3/20" : "such as 1.5, 2, 3/4";
    const input = element("input", {
      id: `${id}-answer`,
      type: "text",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      placeholder: example,
      "aria-describedby": `${id}-verdict`,
      // In JupyterLab keys typed here would move its cells.
      "data-lm-suppress-shortcuts": "true",
    });
    const label = element("label", { for: input.id }, `Your answer to ${data.number}: ${asks(data)}`);
    return {
      field: element("div", { class: "exercise-field" }, label, input),
      read: () => input.value,
      write: (answer) => (input.value = answer),
    };
  }

  function choiceField(data, id) {
    const legend = element("legend", {}, `Your answer to ${data.number}`);
    const set = element("fieldset", { class: "exercise-field" }, legend);
    const radios = data.options.map((option, index) => {
      const radio = element("input", { type: "radio", name: id, value: letter(index) });
      set.append(element("label", {}, radio, element("span", {}, `${letter(index)}) `, ...rich(option))));
      return radio;
    });
    return {
      field: set,
      read: () => radios.filter((radio) => radio.checked).map((radio) => radio.value)[0] || "",
      write: (answer) => radios.forEach((radio) => (radio.checked = radio.value === answer)),
    };
  }

  function functionField(data) {
    const tick = element("input", { type: "checkbox" });
    const words = "This exercise asks for a function: write it in the notebook, whose check runs it on cases.";
    const label = element("label", {}, tick, element("span", {}, "It is right in my notebook"));
    return {
      field: element("div", { class: "exercise-field" }, element("p", {}, words), label),
      read: () => (tick.checked ? "yes" : ""),
      write: (answer) => (tick.checked = answer === "yes"),
    };
  }

  const fields = {
    number: textField,
    vector: textField,
    choice: choiceField,
    function: functionField,
  };

  /* One line below the last box: how far the reader is, and the way to forget it all. */
  function progressLine(boxes, numbers) {
    const line = element("span", {});
    const clear = element("button", { type: "button", class: "exercise-button" }, "Clear all answers");
    const status = element("span", { role: "status" });

    function update() {
      const here = boxes.filter((box) => box.right()).length;
      const elsewhere = Object.keys(memory).filter((n) => !numbers.includes(n) && remembered(n).right);
      const place = forgetful
        ? "This browser keeps no answers: they are gone when you leave the page."
        : "Answers are kept in this browser and go nowhere else.";
      const book = elsewhere.length ? `, ${here + elsewhere.length} in the whole book` : "";
      line.textContent = `Right so far: ${here} of ${boxes.length} on this page${book}. ${place}`;
      clear.hidden = !Object.keys(memory).length;
    }

    clear.addEventListener("click", () => {
      memory = {};
      keep();
      boxes.forEach((box) => box.clear());
      update();
      status.textContent = "All answers of this book are cleared.";
      status.tabIndex = -1;
      status.focus(); // the button is gone, the keyboard's place should not be
    });
    return { node: element("p", { class: "exercise-progress" }, line, " ", clear, " ", status), update };
  }

  function start() {
    const places = Array.from(document.querySelectorAll(".exercise-box[data-exercise]"));
    if (!places.length) return;
    recall();
    const boxes = [];
    const numbers = [];
    let line = null;
    for (const place of places) {
      const data = JSON.parse(place.dataset.exercise);
      numbers.push(data.number);
      boxes.push(build(place, data, () => line && line.update()));
    }
    line = progressLine(boxes, numbers);
    line.update();
    places[places.length - 1].after(line.node);
    // The boxes' Hint buttons now do what the folded hints do: one way is enough.
    document.documentElement.classList.add("answers-live");
  }

  window.descentExercises = { check, judge, readNumber, readVector };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
