import { expect, it } from 'vitest';
import { reportingOptions } from '../../../src/trace/bpftrace/bpftrace.ts';

it.each([
  ['v0.17.0', ['-k']],
  ['v0.22.1', ['-k']],
  ['v0.23.0', []],
  ['v0.24.1-dirty', []],
  ['v1.0.0', []],
  ['unknown', []],
  [undefined, []],
])('bpftrace %s reports a full map with the options %j', (version, options) => {
  expect(reportingOptions(version)).toEqual(options);
});
