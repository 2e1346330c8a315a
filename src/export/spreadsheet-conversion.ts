/** Matches digits and the characters between them in numbers, dates, times, shares and amounts. */
const DIGITS = /^[\s$€£¥]*[\d.,:/%eE+\-\s]*\d[\d.,:/%eE+\-\s$€£¥]*(?:[ap]m?)?$/i;
const MONTHS =
  /^[\d\s.,/-]*(?:jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)[\d\s.,/-]*$/i;
const TRUTH = /^(?:true|false|wahr|falsch)$/i;
/** The format of lists and ranges; see {@link factValue}. */
const LIST = /^\d+(?:\.\.\d+)?(?:, \d+(?:\.\.\d+)?)*$/;

/** Whether a spreadsheet may take a text for a number, a date or a boolean, such as 5.10 or 2-3. */
export function spreadsheetConverts(text: string): boolean {
  if (LIST.test(text)) return /^\d+$/.test(text);
  return DIGITS.test(text) || TRUTH.test(text) || (MONTHS.test(text) && /\d/.test(text));
}
