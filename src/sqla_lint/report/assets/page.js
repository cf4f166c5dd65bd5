"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const findings = all(".finding");
  const filter = document.getElementById("filter");
  if (!filter) return;
  let code = "";

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(all("[name=severity]:checked").map((box) => box.value));
    let shown = 0;
    for (const finding of findings) {
      const head = finding.closest(".file").querySelector("h2").textContent;
      const inside = finding.querySelector(".inside");
      const text = (head + " " + finding.querySelector("summary").textContent + " " +
        (inside ? inside.textContent : "")).toLowerCase();
      finding.hidden = !(severities.has(finding.dataset.severity) &&
        (!code || finding.dataset.code === code) && words.every((word) => text.includes(word)));
      shown += finding.hidden ? 0 : 1;
    }
    for (const file of all(".file")) file.hidden = !file.querySelector(".finding:not([hidden])");
    document.getElementById("shown").textContent = shown + " of " + findings.length;
  }

  // The path as a line in the margin, from badge to badge.
  function draw(source) {
    const old = source.querySelector("svg.way");
    if (old) old.remove();
    const badges = all("s i", source).sort((a, b) => a.dataset.step - b.dataset.step);
    if (badges.length < 2) return;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "way");
    svg.setAttribute("width", source.scrollWidth);
    svg.setAttribute("height", source.scrollHeight);
    const box = source.getBoundingClientRect();
    const at = badges.map((badge) => {
      const b = badge.getBoundingClientRect();
      return [b.left - box.left + source.scrollLeft + b.width / 2, b.top - box.top + b.height / 2];
    });
    for (let i = 1; i < at.length; i++) {
      const [[x, y], [x2, y2]] = [at[i - 1], at[i]];
      if (y === y2) continue;
      const bow = Math.min(x, x2) - 12 - 4 * (i % 3);
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", `M ${x} ${y} C ${bow} ${y}, ${bow} ${y2}, ${x2} ${y2}`);
      svg.append(path);
    }
    source.prepend(svg);
  }

  function go(finding, step) {
    for (const one of all(".now", finding)) one.classList.remove("now");
    for (const one of all(`[data-step="${step}"]`, finding)) one.classList.add("now");
  }

  for (const finding of findings) {
    finding.addEventListener("toggle", () => { if (finding.open) all(".source", finding).forEach(draw); });
    const steps = all(".steps li", finding);
    steps.forEach((step, i) => {
      step.addEventListener("click", () => go(finding, step.dataset.step));
      step.addEventListener("focus", () => go(finding, step.dataset.step));
      step.addEventListener("keydown", (event) => {
        const next = { ArrowDown: steps[i + 1], ArrowUp: steps[i - 1] }[event.key];
        if (next) { next.focus(); event.preventDefault(); }
      });
    });
  }
  for (const bar of all(".bar")) {
    bar.addEventListener("click", () => {
      code = code === bar.dataset.code ? "" : bar.dataset.code;
      for (const other of all(".bar")) other.classList.toggle("on", other.dataset.code === code);
      show();
    });
  }
  filter.addEventListener("input", show);
  all("[name=severity]").forEach((box) => box.addEventListener("change", show));
  document.getElementById("open").addEventListener("click", (event) => {
    const opening = event.target.textContent === "Open all";
    findings.filter((finding) => !finding.hidden).forEach((finding) => { finding.open = opening; });
    event.target.textContent = opening ? "Close all" : "Open all";
  });
  addEventListener("resize", () => all(".finding[open] .source").forEach(draw));
  show();
})();
