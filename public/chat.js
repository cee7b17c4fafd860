// The page's language, where the server leaves it to the browser.
document.documentElement.lang ||= navigator.language;

// Where the list of conversations is not open (narrow screens), the page keeps the address "/" and a
// reload would begin anew. The server names the conversation; nothing but that is taken from it.
window.addEventListener("message", (event) => {
  const id = event.source === window && event.data && event.data.conversation;
  if (typeof id !== "string" || !/^[0-9a-f-]{36}$/.test(id)) return;
  if (location.pathname === "/" && !document.getElementById("thread-history")) {
    history.replaceState(history.state, "", `/thread/${id}`);
  }
});
