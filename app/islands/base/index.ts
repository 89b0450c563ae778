/**
 * What every page has: manners, and htmx where it is used. Pages work without any of it.
 *
 * What it expects of the layout (each is made here where it is missing):
 *   <meta name="csrf" content="…">     sent as X-CSRF-Token with whatever writes
 *   <div id="live" role="status">      the one polite live region
 *   <div id="messages">                refusals and a lost connection: they stay until they are dealt with
 *   <div id="dialog">                  whatever is swapped into it opens over the page; `data-close` closes it
 *
 * What it expects of an answer to htmx (HTML; JSON problems are put in words here):
 *   2xx, 409, 412, 422                 go where the element says (422: the form again, with its error summary)
 *   401                                goes into #dialog: a form to sign in again. When that succeeded, its answer says
 *                                      HX-Trigger: {"alliage:signed-in": {"csrf": "…"}}, and what had been refused is sent again
 *   any other refusal                  goes into #messages
 *
 * In a fragment: `data-focus` is where the focus goes, `data-announce="…"` is said aloud.
 */
import { mindDialogs } from "./dialog";
import { mindDisplay } from "./display";
import { mindFocus } from "./focus";
import { mindFragments } from "./fragments";
import { mindLeaving } from "./leaving";
import { mindMessages } from "./messages";
import { mindSearch } from "./search";

mindDialogs();
mindDisplay();
mindFocus();
mindFragments();
mindLeaving();
mindMessages();
mindSearch();
