/**
 * Writing a deliverable with others. Everything works without it: it brings what others change, says where one writes,
 * keeps a draft while one types, cites the words that are selected where the caret stands, and moves what is dragged.
 */
import { mindCiting } from "./citing";
import { mindDragging } from "./dragging";
import { follow } from "./live";
import { mindWriting } from "./writing";

const desk = document.getElementById("bureau");
if (desk) {
  follow(desk);
  mindWriting(desk);
  mindCiting(desk);
  mindDragging(desk);
}
