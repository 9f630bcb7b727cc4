/* Forms that are sent as a whole, and what they count while one types. Works on top of ui.js and, like it, of pages
   that work without any script. */
(function () {
  "use strict";

  /* ---- forms sent as a whole (data-keep): what was sent stays in this tab until the server has it ---- */
  var SENT = "yz-sent";

  function sendable(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && field.name !== "csrfmiddlewaretoken" && /^(text|hidden|textarea|select-one)$/.test(field.type);
    });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || !form.hasAttribute("data-keep")) { return; }
    var kept = { path: location.pathname, values: {} };
    sendable(form).forEach(function (field) { kept.values[field.name] = field.value; });
    try { sessionStorage.setItem(SENT, JSON.stringify(kept)); } catch (error) { /* the answer will tell */ }
  });

  /* A success banner means that it arrived; a page that shows the faults holds the input itself. */
  function recover() {
    var form = document.querySelector("form[data-keep]");
    var kept;
    try { kept = JSON.parse(sessionStorage.getItem(SENT) || "null"); } catch (error) { return; }
    if (!kept) { return; }
    var arrived = document.querySelector(".yz-banner--success");
    var here = form && kept.path === location.pathname;
    if (arrived || (here && document.querySelector("[data-error-summary]"))) { sessionStorage.removeItem(SENT); return; }
    if (!here) { return; }
    sendable(form).forEach(function (field) {
      if (kept.values[field.name] !== undefined) { field.value = kept.values[field.name]; }
    });
    window.yz.hold("record");
    window.yz.say(form, "error", "保存できていなかった入力を戻しました。内容を確認して、もう一度保存してください。");
  }

  /* ---- a form sent while one of its fields is still on its way would meet itself as another writer: it waits ---- */
  var held = false;
  var released = false;

  function sendWhenQuiet(form, button, looks, quiet) {
    quiet = window.yz.isBusy() ? 0 : quiet + 1;
    if (quiet < 2 && looks < 100) { setTimeout(sendWhenQuiet, 50, form, button, looks + 1, quiet); return; }
    held = false;
    released = true;
    form.requestSubmit(button);
    released = false;
  }

  document.addEventListener("submit", function (event) {
    if (released || !event.target.hasAttribute("data-autosave") || !(held || window.yz.isBusy())) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (!held) { held = true; sendWhenQuiet(event.target, event.submitter, 0, 0); }
  }, true);

  /* ---- Enter in a select, and Ctrl+Enter in a long text, save a form made for the keyboard ---- */
  document.addEventListener("keydown", function (event) {
    var form = event.target.form;
    if (event.key !== "Enter" || event.isComposing || !form || !form.hasAttribute("data-enter-saves")) { return; }
    if (event.target.tagName === "SELECT" || (event.target.tagName === "TEXTAREA" && event.ctrlKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  /* ---- length of a text, sum of the months of a target: the server counts the same ---- */
  document.addEventListener("input", function (event) {
    var box = event.target.matches("[data-count]") && document.querySelector('[data-count-of="' + event.target.id + '"]');
    if (box) { box.textContent = event.target.value.trim().length; }
    var months = event.target.closest("[data-months]");
    var out = months && months.querySelector("[data-sum]");
    if (!out) { return; }
    var sum = 0;
    months.querySelectorAll("input").forEach(function (cell) {
      sum += /^[\d,]+$/.test(cell.value.normalize("NFKC").trim()) ? Number(cell.value.normalize("NFKC").replace(/,/g, "")) : NaN;
    });
    out.textContent = isNaN(sum) ? "—" : sum.toLocaleString("ja-JP");
  });

  /* ---- wareki beside a date field ---- */
  var wareki = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", {
    era: "long", year: "numeric", month: "long", day: "numeric", weekday: "short", timeZone: "UTC",
  });

  function echo(input) {
    var out = document.getElementById(input.id + "_wareki");
    var date = input.valueAsDate;
    if (out) { out.textContent = date ? wareki.format(date).replace("(", "（").replace(")", "）") : ""; }
  }

  document.addEventListener("input", function (event) {
    if (event.target.type === "date") { echo(event.target); }
  });

  document.querySelectorAll("input[type=date]").forEach(echo);
  window.addEventListener("load", recover);
})();
