import { z } from 'zod';
import {
  codeAndMessage,
  count,
  type Described,
  flag,
  head,
  text,
  textOrNull,
  texts,
} from './schema-parts.ts';

const host = { host: text('as --host names it; local is this machine') };

const examination = z.strictObject({
  providers: z
    .array(z.strictObject({ name: text('of the provider'), probes: count('probes', 'it has') }))
    .describe('of DTrace'),
  modules: z
    .array(z.strictObject({ name: text('of the module'), loaded: flag('is it loaded') }))
    .describe('kernel modules that matter (FreeBSD)'),
  instruments: texts('the questions that it can put to this kernel'),
  self_test: z
    .strictObject({
      state: z.enum(['passed', 'failed', 'not-run']).describe('how it ended'),
      detail: text('in words'),
    })
    .describe('whether pipe states are read correctly on this kernel'),
});

const machine = z
  .strictObject({
    ...host,
    usable: flag('the benchmark works and something can trace it'),
    os_name: text('as uname has it'),
    os_release: text('as uname has it'),
    architecture: text('as Node names it'),
    node_version: text('the Node.js that runs ipc-sweep'),
    benchmark: z
      .strictObject({
        usable: flag('it was built and runs'),
        path: textOrNull('where it is'),
        reason: textOrNull('why it does not work'),
        mend: textOrNull('what to type'),
      })
      .describe('the bundled benchmark'),
    tracers: z
      .array(
        z.strictObject({
          tracer: text('its name'),
          usable: flag('it can be used'),
          version: textOrNull('as it says itself'),
          reason: textOrNull('why it cannot be used'),
          mend: textOrNull('what to type'),
          examination: examination.nullable().describe('of a tracer that can be used'),
        }),
      )
      .describe('every tracer, usable or not'),
    warnings: z.array(codeAndMessage).describe('what harms figures there'),
  })
  .describe('a host without --tune');

const tuning = z
  .strictObject({
    ...host,
    settings: z
      .array(
        z.strictObject({
          name: z
            .enum(['governor', 'turbo', 'frequency', 'idle-states'])
            .describe('of the setting'),
          where: text('the files or the sysctl that hold it'),
          now: text('its value'),
          tuned: text('the value that --tune sets'),
          changes: z
            .array(
              z.strictObject({
                kind: z.enum(['file', 'sysctl']).describe('what is written'),
                target: text('the path, or the name of the sysctl'),
                before: text('its value'),
                after: text('the value that is written'),
              }),
            )
            .describe('empty if nothing has to be changed'),
        }),
      )
      .describe('what `run --tune` would set'),
    hints: z.array(codeAndMessage).describe('what else would make figures steadier'),
  })
  .describe('a host with --tune');

export const doctorSchema = z
  .union([
    z.strictObject({
      document: z.literal('doctor'),
      ...head,
      hosts: z.array(z.union([machine, tuning])).describe('in the order of --host'),
    }),
    z.strictObject({
      document: z.literal('doctor'),
      ...head,
      database: text('the file of --db'),
      whole: flag('it is not damaged'),
      damage: texts('what is wrong, in words'),
      recovered: textOrNull('the file to which what can be read was saved'),
    }),
  ])
  .meta({ title: 'ipc-sweep doctor --json' });

type Either = Described<typeof doctorSchema>;
export type DoctorDocument = Extract<Either, { readonly hosts: unknown }>;
export type DoctorDatabaseDocument = Exclude<Either, DoctorDocument>;
/** The report about a host, without its name. */
export type HostReport = WithoutHost<DoctorDocument['hosts'][number]>;
type WithoutHost<Host> = Host extends unknown ? Omit<Host, 'host'> : never;
