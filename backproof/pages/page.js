// Copy buttons, keyboard access to wide equations, and unfolding for print. Works from file://.
(() => {
  const status = document.querySelector('[role="status"]');

  function copyOldWay(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "unseen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyOldWay(text);
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button || button.classList.contains("done")) return;
    const name = button.textContent;
    const done = await copy(button.dataset.copy);
    status.textContent = done ? `${name} copied` : `could not copy ${name}`;
    button.textContent = done ? "copied" : "failed";
    button.classList.add("done");
    button.focus();
    setTimeout(() => {
      button.textContent = name;
      button.classList.remove("done");
    }, 1500);
  });

  // What overflows its box can be scrolled by the keyboard; what does not is no tab stop.
  // On paper a formula breaks at its relations; a piece wider than the sheet is scaled (page.css).
  const sheet = 560; // the width beside the number on A4, in pixels of the screen
  const shrink = 14 / 17; // print text to screen text
  function measure() {
    for (const box of document.querySelectorAll(".scroll")) {
      const wide = box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("wide", wide);
      if (wide) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
      const pieces = [...box.querySelectorAll(".katex-html > .base")].map((p) => p.offsetWidth);
      const fit = sheet / (shrink * Math.max(1, ...pieces));
      if (fit < 1) box.style.setProperty("--fit", fit.toFixed(3));
    }
  }
  addEventListener("resize", measure);
  document.addEventListener("toggle", measure, true);
  document.fonts.ready.then(measure);

  const contents = document.querySelector("nav details");
  if (matchMedia("(max-width: 74rem)").matches) contents.open = false;

  // Paper cannot be unfolded.
  addEventListener("beforeprint", () => {
    for (const d of document.querySelectorAll("details.steps:not([open])")) {
      d.open = true;
      d.setAttribute("data-folded", "");
    }
    measure();
  });
  addEventListener("afterprint", () => {
    for (const d of document.querySelectorAll("details[data-folded]")) {
      d.open = false;
      d.removeAttribute("data-folded");
    }
  });

  // Sliders choose which of the frames shows; the last knob turns fastest.
  for (const figure of document.querySelectorAll("figure.sliding")) {
    const frames = figure.querySelectorAll("g.frame");
    const knobs = [...figure.querySelectorAll("input")];
    const turn = () => {
      let number = 0;
      for (const knob of knobs) {
        const text = knob.dataset.values.split("|")[knob.value];
        number = number * (Number(knob.max) + 1) + Number(knob.value);
        knob.nextElementSibling.textContent = text;
        knob.setAttribute("aria-valuetext", text);
      }
      frames.forEach((frame, n) => frame.classList.toggle("shown", n === number));
    };
    knobs.forEach((knob) => knob.addEventListener("input", turn));
    figure.querySelector(".knobs").hidden = false;
  }

  const links = new Map(
    [...document.querySelectorAll("nav a")].map((a) => [a.getAttribute("href").slice(1), a]),
  );
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        for (const a of links.values()) a.removeAttribute("aria-current");
        links.get(target.id).setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-15% 0px -80% 0px" },
  );
  document.querySelectorAll("main > section").forEach((section) => watch.observe(section));
})();
