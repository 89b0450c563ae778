const FRENCH = {
  lost: "Connexion perdue. Ce que vous avez écrit est toujours ici.",
  again: "Réessayer",
  back: "Connexion rétablie.",
  failed: "Cela n’a pas pu être fait. Ce que vous avez écrit est toujours ici.",
  closed: "Votre accès à cette page a pris fin : elle ne suit plus ce que font les autres. Ce que vous avez écrit est toujours ici.",
};
const ENGLISH: typeof FRENCH = {
  lost: "Connection lost. What you wrote is still here.",
  again: "Try again",
  back: "Connection restored.",
  failed: "This could not be done. What you wrote is still here.",
  closed: "Your access to this page has ended: it no longer follows what others do. What you wrote is still here.",
};

/** What is said when the server cannot be asked, in the page’s language. */
export const words = document.documentElement.lang.startsWith("en") ? ENGLISH : FRENCH;
