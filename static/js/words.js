// Sentences come from the page, in the language of the page: one for each plural form, with "{count}" in it.

// sentences: { one?, other }, as in element.dataset; prefix: picks "leftOne", "leftOther" for "left"
export function counted(sentences, count, language, prefix = "") {
  const form = new Intl.PluralRules(language).select(count);
  const sentence = sentences[keyOf(prefix, form)] ?? sentences[keyOf(prefix, "other")];
  return sentence.replace("{count}", new Intl.NumberFormat(language).format(count));
}

function keyOf(prefix, form) {
  return prefix ? prefix + form[0].toUpperCase() + form.slice(1) : form;
}
