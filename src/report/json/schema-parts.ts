import { z } from 'zod';
import { OF_CELL } from '../../export/columns.ts';
import type { TableShape } from '../../export/table.ts';
import { rowSchema } from './row-schema.ts';

/** It changes when a property is renamed, removed or means something else, not with a new one. */
export const SCHEMA_VERSION = 1;

export const count = (unit: string, description: string) =>
  z.int().min(0).meta({ description, unit });
export const id = (description: string) => z.int().min(1).describe(description);
export const text = (description: string) => z.string().describe(description);
export const textOrNull = (description: string) => z.string().nullable().describe(description);
export const texts = (description: string) => z.array(z.string()).describe(description);
export const flag = (description: string) => z.boolean().describe(description);
export const quantity = (unit: string, description: string) =>
  z.number().meta({ description, unit });
export const quantityOrNull = (unit: string, description: string) =>
  z.number().nullable().meta({ description, unit });
export const rowsOf = ({ columns, description }: TableShape) =>
  z.array(rowSchema(columns)).describe(description);

/** A cell: its place in the matrix, and its value of every axis. */
export const cellSchema = <More extends z.ZodRawShape = Record<never, never>>(more?: More) =>
  rowSchema(OF_CELL, more);

/** The properties with which every document begins. */
export const head = {
  schema_version: z
    .literal(SCHEMA_VERSION)
    .describe('changes when a property is renamed, removed or means something else'),
  ipc_sweep_version: text('the version of ipc-sweep that printed it'),
};

export const codeAndMessage = z.strictObject({
  code: text('see docs/method.md for those of cells, docs/environment.md for those of machines'),
  message: text('in words'),
});

/** The type of a value that a schema describes, for readers only. */
export type Described<Schema extends z.ZodType> = DeepReadonly<z.output<Schema>>;

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;
