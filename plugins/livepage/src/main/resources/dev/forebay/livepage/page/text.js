// Text and elements: everything that the gateway tells goes into the page as text, never as HTML.

/** Makes an element with a class, text and attributes. */
export function make(tag, className, text, attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Sets an element's text, if it differs: screen readers tell what changes. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A number in a few digits. */
export function number(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size >= 10000) return Math.round(value / 1000) + ' k';
  return size >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

/** Milliseconds in the unit that suits them. */
export function millis(value) {
  if (value === null || value === undefined) return '–';
  if (value < 1) return value === 0 ? '0 ms' : '< 1 ms';
  return value < 1000 ? Math.round(value) + ' ms' : seconds(value / 1000);
}

function seconds(value) {
  return (value < 10 ? value.toFixed(1) : Math.round(value)) + ' s';
}

/** A share of 1 in percent. */
export function percent(share) {
  if (share > 0 && share < 0.01) return '< 1 %';
  return Math.round(share * 100) + ' %';
}

/** Bytes in the unit that suits them. */
export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let size = value;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return (size >= 10 || unit === 0 ? Math.round(size) : size.toFixed(1)) + ' ' + units[unit];
}

/** A time of day, by the reader's clock. */
export function clock(epochMillis) {
  const at = new Date(epochMillis);
  const two = (part) => String(part).padStart(2, '0');
  return two(at.getHours()) + ':' + two(at.getMinutes()) + ':' + two(at.getSeconds());
}

/** How long something has lasted. */
export function lasting(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min';
  if (s < 86400) return Math.floor(s / 3600) + ' h ' + Math.floor((s % 3600) / 60) + ' min';
  return Math.floor(s / 86400) + ' d ' + Math.floor((s % 86400) / 3600) + ' h';
}
