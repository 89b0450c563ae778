/**
 * Writing a deliverable with others. Everything works without it: it brings what others change, says where one writes,
 * keeps a draft while one types, and cites the words that are selected where the caret stands.
 */
import { mindCiting } from "./citing";
import { follow } from "./live";
import { mindWriting } from "./writing";

const desk = document.getElementById("bureau");
if (desk) {
  follow(desk);
  mindWriting(desk);
  mindCiting(desk);
}
