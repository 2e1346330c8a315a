import { ExitCode, UserError } from '../errors.ts';
import type { InstrumentName } from '../instruments/instruments.ts';
import { preferred, type TracerReport } from '../trace/choose.ts';
import type { Tracer } from '../trace/tracer.ts';

/** Something that a spec asks for and that is not available on this machine. */
export interface Missing {
  /** An instrument, `events`, `options`, or a script's file name. */
  readonly name: string;
  /** A sentence. */
  readonly reason: string;
}

/** The features of a tracer that a spec asks for. */
export interface RequestedFeatures {
  readonly instruments: readonly InstrumentName[];
  readonly events: boolean;
  readonly options: Readonly<Record<string, string>>;
}

/** The features that a tracer has on a platform. */
export interface TracerFeatures {
  readonly name: string;
  readonly instruments: readonly InstrumentName[];
  readonly events: boolean;
  readonly options: boolean;
}

export function tracerFeatures(tracer: Tracer, platform: NodeJS.Platform): TracerFeatures {
  return {
    name: tracer.name,
    instruments: tracer.instrumentsOn(platform),
    events: tracer.eventsOn(platform),
    options: tracer.options,
  };
}

/** Pure function: lists the requested features that a tracer does not have. */
export function missingWith(asked: RequestedFeatures, tracer: TracerFeatures): readonly Missing[] {
  const { name } = tracer;
  const lacks = (what: InstrumentName) => !tracer.instruments.includes(what);
  return [
    ...asked.instruments
      .filter(lacks)
      .map((what) => ({ name: what, reason: `${name} does not have it here` })),
    ...(asked.events && !tracer.events
      ? [{ name: 'events', reason: `${name} prints none here` }]
      : []),
    ...(Object.keys(asked.options).length > 0 && !tracer.options
      ? [{ name: 'options', reason: `trace.options are dtrace's, and ${name} takes none` }]
      : []),
  ];
}

/**
 * The error that ends `run` before it begins, if something named in a spec is not available.
 * @param missing things named in the spec, not those from the defaults
 * @param others every tracer of this machine, to suggest one that can do it
 */
export function missingFault(
  missing: readonly Missing[],
  tracer: TracerFeatures,
  asked: RequestedFeatures,
  others: readonly TracerReport[],
  platform: NodeJS.Platform,
): UserError {
  const names = missing.map(({ name }) => keyOf(name));
  const able = preferred(
    others.filter(
      ({ tracer: other }) =>
        other.name !== tracer.name &&
        missingWith(asked, tracerFeatures(other, platform)).every(
          ({ name }) => !missing.some((it) => it.name === name),
        ),
    ),
    platform,
  );
  const without = `leave ${missing.length === 1 ? 'it' : 'them'} out; or set trace.allow_missing: true to run with the rest`;
  const could =
    able === undefined
      ? { text: '', hint: '' }
      : able.availability.state === 'usable'
        ? {
            text: `; ${able.tracer.name} could`,
            hint: `set trace.tracer: ${able.tracer.name}; or `,
          }
        : {
            text: `; ${able.tracer.name} could, but ${able.availability.reason}`,
            hint: `${able.availability.mend}; or `,
          };
  const why = missing.map(({ reason }) => reason);
  return new UserError(
    `the spec asks for ${names.join(', ')}: ${[...new Set(why)].join('; ')}${could.text}`,
    { hint: could.hint + without, exitCode: ExitCode.machine },
  );
}

function keyOf(name: string): string {
  return name === 'events' || name === 'options' ? `trace.${name}` : name;
}
