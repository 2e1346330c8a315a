import { AXIS, axesOfKinds, type MatrixAxisName } from '../experiment/axes.ts';

/** The axes whose values a benchmark prints under `-v`, and what it calls them there. */
export const PRINTED_AXES: readonly { readonly axis: MatrixAxisName; readonly key: string }[] =
  axesOfKinds('word', 'size', 'flag').flatMap((axis) => {
    const own = AXIS[axis];
    return 'printedAs' in own ? [{ axis, key: own.printedAs }] : [];
  });
