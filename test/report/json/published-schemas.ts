import { Ajv, type ValidateFunction } from 'ajv';
import { type DocumentName, documentJsonSchema } from '../../../src/report/json/schemas.ts';

const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(['unit']);
const validators = new Map<DocumentName, ValidateFunction>();

/** Lists where a parsed document is not as its published schema says; empty if it is. */
export function faultsOf(name: DocumentName, document: unknown): readonly string[] {
  const validate = validators.get(name) ?? ajv.compile(documentJsonSchema(name));
  validators.set(name, validate);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
