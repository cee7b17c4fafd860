// The page's language, where the server leaves it to the browser: English, or else Danish, as the assistant speaks.
document.documentElement.lang ||= /^en\b/i.test(navigator.language) ? "en" : "da";

// Labels and messages that Chainlit and its parts have in English only, and no translation reaches.
const DANISH = {
  Close: "Luk",
  "Couldn't resume chat: Thread not found.": "Samtalen findes ikke længere.",
  "Notifications alt+T": "Beskeder alt+T",
  Suggestions: "Samtaler",
  "Toggle Sidebar": "Vis eller skjul sidepanelet",
  "Toggle theme": "Skift tema",
};

function inDanish(element) {
  for (const name of ["aria-label", "title"]) {
    const label = DANISH[element.getAttribute(name)];
    if (label) element.setAttribute(name, label);
  }
  const text = element.matches(".sr-only, [data-title]") && DANISH[element.textContent];
  // the text node stays the page's own: only what it says is changed
  if (text) element.firstChild.data = text;
}

if (document.documentElement.lang.startsWith("da")) {
  new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      if (target.nodeType === Node.ELEMENT_NODE) inDanish(target);
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        inDanish(node);
        node.querySelectorAll("[aria-label], [title], .sr-only, [data-title]").forEach(inDanish);
      }
    }
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["aria-label", "title"] });
}

// Where the list of conversations is not open (narrow screens), the page keeps the address "/" and a
// reload would begin anew. The server names the conversation; nothing but that is taken from it.
window.addEventListener("message", (event) => {
  const id = event.source === window && event.data && event.data.conversation;
  if (typeof id !== "string" || !/^[0-9a-f-]{36}$/.test(id)) return;
  if (location.pathname === "/" && !document.getElementById("thread-history")) {
    history.replaceState(history.state, "", `/thread/${id}`);
  }
});
