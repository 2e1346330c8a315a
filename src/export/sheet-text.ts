/** The maximum number of characters in a cell. */
const MOST = 32_767;

/** Matches text that looks like the escape of a character, and would be read as one. */
const ESCAPE_LIKE = /_(?=x[0-9A-Fa-f]{4}_)/g;
/** Control characters that XML cannot represent, and the line end that it would change. */
const CONTROL = /[\x00-\x08\x0b-\x1f]/g;
/** Characters that the library silently drops; LibreOffice would show their escapes as text. */
const DROPPED = /[\x7f-\x84\x86-\x9f\ufffd\p{Noncharacter_Code_Point}\p{Cs}]/gu;

/**
 * Encodes a text for a workbook so that it reads back unchanged (ECMA-376, 22.9.2.19, ST_Xstring).
 * Characters that workbooks cannot represent become question marks, and longer texts are cut.
 */
export function sheetText(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
  const written = cut
    .replace(ESCAPE_LIKE, '_x005F_')
    .replace(CONTROL, (found) => `_x${hex(found)}_`)
    .replace(DROPPED, '?');
  // The library looks up texts in an object, where these would be found; it drops the added NUL.
  return written in {} ? `${written}\0` : written;
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}
