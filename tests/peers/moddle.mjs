// Reads BPMN documents as bpmn-moddle does, the reader of the tools that draw BPMN in browsers, and prints what it did
// not like, a line each.
//
//     node moddle.mjs FOLDER-WITH-NODE_MODULES DOCUMENT…

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, ...documents] = process.argv.slice(2);
const found = createRequire(`${folder}/`).resolve("bpmn-moddle");
const { default: BpmnModdle } = await import(pathToFileURL(found));
for (const document of documents) {
  const { rootElement, references, warnings } = await new BpmnModdle().fromXML(await readFile(document, "utf8"));
  for (const { message } of warnings) console.log(`${document}: ${message}`);
  const drawn = new Set(rootElement.diagrams[0].plane.planeElement.map((shape) => shape.bpmnElement?.id));
  const process = rootElement.rootElements.find((element) => element.$type === "bpmn:Process");
  for (const element of process.flowElements) {
    if (!drawn.has(element.id)) console.log(`${document}: ${element.id} is not drawn`);
  }
  if (references.length === 0) console.log(`${document}: nothing refers to anything`);
}
