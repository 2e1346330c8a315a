import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fontFile } from './fonts.ts';

const require = createRequire(import.meta.url);

/** Loaded only once, because it can only be initialised once. */
let loaded: Promise<typeof import('@resvg/resvg-wasm')> | undefined;

async function loadResvg() {
  const resvg = await import('@resvg/resvg-wasm');
  await resvg.initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  return resvg;
}

/** @param zoom output pixels per unit of the picture's own size */
export async function pngOf(svg: string, zoom: number): Promise<Uint8Array> {
  loaded ??= loadResvg();
  const { Resvg } = await loaded;
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: zoom },
    background: '#ffffff',
    font: {
      fontBuffers: [fontFile('normal'), fontFile('bold')],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  try {
    const image = picture.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    picture.free();
  }
}
