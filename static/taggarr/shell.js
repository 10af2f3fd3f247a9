// What every page has around it: search, shortcuts, and what is told of an act. Every page works without it.
"use strict";

{
  const SINGLE_KEYS = "taggarr-single-keys";
  const TOAST_SECONDS = 10;

  // --- Search: a dialog over the page, with what `/search` finds ---------------------------------------
  const dialog = document.getElementById("search");
  const field = (dialog ?? document).querySelector(".search-form input");

  function openSearch() {
    if (dialog && !dialog.open) dialog.showModal();
    field?.focus();
    field?.select();
  }

  const results = () => [...dialog.querySelectorAll(".found a, .found button")];

  // The arrows walk through the field and the results; what is typed goes to the field.
  function walk(event) {
    const stops = [field, ...results()];
    const here = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      stops[(here + step + stops.length) % stops.length].focus();
      event.preventDefault();
    } else if (event.key === "Enter" && here === 0) {
      // Results of what was typed before are not what is meant: then the page of results opens.
      const found = dialog.querySelector(".found");
      const first = found?.dataset.q === field.value.trim() && results()[0];
      if (first) {
        event.preventDefault();
        first.click();
      }
    } else if (event.key === "Escape") {
      // A field of this type would empty itself first.
      event.preventDefault();
      dialog.close();
    } else if (event.key.length === 1 && event.key !== " " && here > 0 && !event.ctrlKey && !event.metaKey) {
      field.focus();
    }
  }

  if (dialog) {
    dialog.addEventListener("keydown", walk);
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close-search]")) dialog.close();
    });
    document.getElementById("found").addEventListener("htmx:afterSwap", (event) => {
      dialog.querySelector("[data-count]").textContent =
        event.currentTarget.querySelector(".found")?.dataset.told ?? "";
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (link && plain && link.href === dialog.querySelector("form").action) {
        event.preventDefault();
        openSearch();
      }
    });
  }

  // --- Shortcuts of one key, which somebody who dictates may switch off ----------------------------------
  const choice = document.querySelector("[data-single-keys]");

  function singleKeys() {
    try {
      return localStorage.getItem(SINGLE_KEYS) !== "off";
    } catch {
      return true;
    }
  }

  if (choice) {
    choice.checked = singleKeys();
    choice.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS, choice.checked ? "on" : "off"));
    document.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
      return;
    }
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !singleKeys()) return;
    if (event.key === "/" && field) {
      event.preventDefault();
      openSearch();
    } else if (event.key === "?" && !dialog?.open) {
      document.getElementById("keys")?.showPopover();
    } else if (!dialog?.open) {
      // What a page answers by a key of its own says so: `data-key`.
      const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (own) own.click();
      else walkList(event.key);
    }
  });

  // --- Popovers: focus goes in and comes back ------------------------------------------------------------
  document.addEventListener("toggle", (event) => {
    const popover = event.target;
    if (!popover.matches?.("[popover]")) return;
    document.querySelectorAll(`[popovertarget="${popover.id}"]:not([popovertargetaction])`).forEach((button) => {
      button.setAttribute("aria-expanded", String(event.newState === "open"));
    });
  }, true);

  // --- Toasts: said aloud once the page is there; what lies over the page and asks for nothing goes by itself -
  const toasts = document.getElementById("toasts");

  function letGo(toast) {
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) letGo(toast);
      else toast.remove();
    }, TOAST_SECONDS * 1000);
  }

  if (toasts) {
    const told = [...toasts.children];
    // A region that is filled before a screen reader knows it says nothing.
    toasts.replaceChildren();
    requestAnimationFrame(() => toasts.replaceChildren(...told));
    const over = getComputedStyle(toasts).position === "fixed";
    for (const toast of told) {
      const close = toast.querySelector("[data-close]");
      close.hidden = false;
      close.addEventListener("click", () => {
        toast.remove();
        document.getElementById("content").focus({ preventScroll: true });
      });
      const asks = toast.querySelector("form") || toast.matches(".error, .warning");
      if (over && !asks) letGo(toast);
    }
  }
}
