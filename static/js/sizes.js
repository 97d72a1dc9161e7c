const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

// How large a file is, in the reader's words: "1.4 MB".
export function sized(bytes, language) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const form = { style: "unit", unit: UNITS[power], unitDisplay: "short", maximumSignificantDigits: 3 };
  return new Intl.NumberFormat(language, form).format(bytes / 1000 ** power);
}
