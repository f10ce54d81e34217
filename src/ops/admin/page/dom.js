/**
 * Elements, made without a line of HTML: no text from outside can become markup.
 *
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same of a drawing. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** The element of the page that has this id. */
export function $(id) {
  return document.getElementById(id);
}

/** Writes a text, if it is another one than before: what does not change is not read out again. */
export function write(id, text) {
  const element = $(id);
  if (element.textContent !== text) element.textContent = text;
}

/** A number and its unit, the unit small. */
export function writeBig(id, text) {
  const [, number, unit = ""] = /^(\S+)(?: (.*))?$/.exec(text) ?? [undefined, text];
  if ($(id).textContent !== number + unit) $(id).replaceChildren(number, h("small", {}, unit));
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}
