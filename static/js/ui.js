/* Behaviour on top of pages that work without it. No inline code, no eval: the content security policy stays strict.
   Names of htmx events stand only here, so that a later htmx is a change of this one file. */
(function () {
  "use strict";

  var EVENT = {
    before: "htmx:beforeRequest", swap: "htmx:beforeSwap", after: "htmx:afterRequest",
    sendError: "htmx:sendError", timeout: "htmx:timeout", redraw: "htmx:oobBeforeSwap",
  };
  var KEEP = "yz-unsaved:" + location.pathname;
  var unsaved = new Set(); /* names of fields whose last value the server does not hold */
  var leaving = false;
  var underway = 0; /* autosaves that were sent and are not answered */

  function clock() {
    return new Date().toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit" });
  }

  /* ---- state line of a form: one role="status" per form, never one per field ---- */
  function say(form, state, text, link) {
    var line = form && form.querySelector("[data-save-state]");
    if (!line) { return; }
    line.dataset.state = state;
    line.textContent = text;
    if (link) {
      var a = document.createElement("a");
      a.href = link.href;
      a.textContent = link.text;
      line.append(" ", a);
    }
  }

  function autosaveForm(element) {
    return element && element.closest ? element.closest("form[data-autosave]") : null;
  }

  /* ---- what could not be sent is kept in this tab until it can ---- */
  function keep(field) {
    if (!field || !field.name || field.type === "password" || field.type === "file") { return; }
    try {
      var kept = JSON.parse(sessionStorage.getItem(KEEP) || "{}");
      kept[field.name] = field.value;
      sessionStorage.setItem(KEEP, JSON.stringify(kept));
    } catch (error) { /* storage may be closed; the leave guard still warns */ }
  }

  function forget(name) {
    try {
      var kept = JSON.parse(sessionStorage.getItem(KEEP) || "{}");
      delete kept[name];
      if (Object.keys(kept).length) { sessionStorage.setItem(KEEP, JSON.stringify(kept)); }
      else { sessionStorage.removeItem(KEEP); }
    } catch (error) { /* nothing was kept */ }
  }

  function restore() {
    var form = document.querySelector("form[data-autosave]");
    var kept;
    try { kept = JSON.parse(sessionStorage.getItem(KEEP) || "{}"); } catch (error) { return; }
    if (!form || !kept) { return; }
    var back = [];
    Object.keys(kept).forEach(function (name) {
      var field = form.elements.namedItem(name);
      if (!field || field.value === undefined || field.readOnly || field.disabled) { forget(name); return; }
      if (field.value === kept[name]) { forget(name); return; }
      field.value = kept[name];
      /* Of a group of radio buttons the chosen one speaks. */
      if (field instanceof RadioNodeList) { field = Array.from(field).find(function (one) { return one.checked; }); }
      if (field) { back.push(field); }
    });
    if (!back.length) { return; }
    say(form, "pending", "保存できていなかった入力を戻しました。保存しています…");
    back.forEach(function (field) { field.dispatchEvent(new Event("change", { bubbles: true })); });
  }

  function notSaved(field, text, link) {
    unsaved.add(field.name);
    keep(field);
    say(autosaveForm(field), "error", text, link);
  }

  /* A vanished session answers with the sign-in page or with 401/403: never show that inside a field. */
  function sessionGone(xhr, path) {
    if (xhr.status === 401 || xhr.status === 403) { return true; }
    if (!xhr.responseURL) { return false; }
    return new URL(xhr.responseURL).pathname !== new URL(path, location.href).pathname;
  }

  document.addEventListener(EVENT.before, function (event) {
    var form = autosaveForm(event.detail.elt);
    if (!form) { return; }
    underway += 1;
    unsaved.add(event.detail.elt.name);
    say(form, "pending", "保存中…");
  });

  document.addEventListener(EVENT.swap, function (event) {
    var field = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (autosaveForm(field) && sessionGone(event.detail.xhr, event.detail.requestConfig.path)) {
      event.detail.shouldSwap = false;
    }
  });

  /* A part that is drawn anew beside an answer leaves alone what is being typed in it. */
  document.addEventListener(EVENT.redraw, function (event) {
    var field = document.activeElement;
    if (event.detail.target.contains(field) && field.value !== field.defaultValue) { event.detail.shouldSwap = false; }
  });

  document.addEventListener(EVENT.after, function (event) {
    var field = event.detail.elt;
    var form = autosaveForm(field);
    var xhr = event.detail.xhr;
    if (form) { underway -= 1; }
    if (!form || !xhr || !xhr.status) { return; }
    if (sessionGone(xhr, event.detail.requestConfig.path)) {
      notSaved(field, "未保存です。ログインし直すと、この入力は戻ります。",
        { href: location.href, text: "ログインし直す" });
    } else if (xhr.status === 422) {
      unsaved.delete(field.name);
      forget(field.name);
      say(form, "error", "下書きを保存しました。確認が必要な項目があります。");
    } else if (xhr.status === 409) {
      notSaved(field, "他の人が先に更新しました。内容を確認してください。");
    } else if (xhr.status >= 200 && xhr.status < 300) {
      unsaved.delete(field.name);
      forget(field.name);
      say(form, "saved", "保存しました " + clock());
    } else {
      notSaved(field, "未保存です。しばらくしてから、もう一度入力してください。");
    }
  });

  [EVENT.sendError, EVENT.timeout].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (autosaveForm(event.detail.elt)) {
        notSaved(event.detail.elt, "未保存です。ネットワークに接続できません。");
      }
    });
  });

  /* ---- leaving with unsaved input; forms without autosave ask with data-guard ---- */
  document.addEventListener("input", function (event) {
    var form = event.target.closest && event.target.closest("form[data-guard]");
    if (form) { unsaved.add(event.target.name); }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    leaving = true;
    setTimeout(function () { delete form.dataset.sent; leaving = false; }, 5000);
  });

  window.addEventListener("beforeunload", function (event) {
    if (unsaved.size && !leaving) { event.preventDefault(); }
  });

  window.addEventListener("pageshow", function () { leaving = false; });

  /* ---- taking the other person's value: this field's own text is given up ---- */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-forget]");
    if (link) { unsaved.delete(link.dataset.forget); forget(link.dataset.forget); }
  });

  /* ---- print shows what is folded ---- */
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open])").forEach(function (box) {
      box.open = true;
      box.dataset.folded = "1";
    });
  });

  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-folded]").forEach(function (box) {
      box.open = false;
      delete box.dataset.folded;
    });
  });

  function start() {
    var summary = document.querySelector("[data-error-summary]");
    if (summary) { summary.focus(); }
    document.querySelectorAll("[data-print]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    });
  }

  window.yz = { say: say, hold: function (name) { unsaved.add(name); }, isBusy: function () { return underway > 0; } };
  window.addEventListener("load", restore); /* later than start: htmx must have taken the fields */
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", start); } else { start(); }
})();
