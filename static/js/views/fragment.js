// The only place where HTML becomes nodes: lines that the server has rendered and cleaned.

const rules = { createHTML: (html) => html };
const policy = globalThis.trustedTypes?.createPolicy("message", rules) ?? rules;

export function fragmentOf(html) {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  return template.content;
}
