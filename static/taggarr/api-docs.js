// Swagger UI in the theme of the pages.
"use strict";

{
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const { theme } = document.documentElement.dataset;
  const follow = () => {
    document.documentElement.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && dark.matches));
  };
  dark.addEventListener("change", follow);
  follow();
}
