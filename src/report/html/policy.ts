import { createHash } from 'node:crypto';

/**
 * The content security policy of a page with one style sheet and one script in it: it allows only
 * these two, and pictures made by the page itself. Nothing is loaded from anywhere else.
 */
export function contentPolicy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src '${hash(style)}'`,
    `script-src '${hash(script)}'`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
