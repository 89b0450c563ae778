const FRENCH = {
  lost: "Connexion perdue. Ce que vous avez écrit est toujours ici.",
  again: "Réessayer",
  back: "Connexion rétablie.",
  failed: "Cela n’a pas pu être fait. Ce que vous avez écrit est toujours ici.",
};
const ENGLISH: typeof FRENCH = {
  lost: "Connection lost. What you wrote is still here.",
  again: "Try again",
  back: "Connection restored.",
  failed: "This could not be done. What you wrote is still here.",
};

/** What is said when the server cannot be asked, in the page’s language. */
export const words = document.documentElement.lang.startsWith("en") ? ENGLISH : FRENCH;
