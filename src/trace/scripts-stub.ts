export interface ScriptOutput {
  readonly aggregates: readonly {
    name: string;
    keys: readonly string[];
    function: string;
    bucketFrom: number | null;
    bucketTo: number | null;
    value: number;
  }[];
  readonly events: readonly { probe: string; cpu: number | null; text: string }[];
  readonly unread: readonly string[];
}
export const readBpftraceJson = (_: string): ScriptOutput => ({
  aggregates: [],
  events: [],
  unread: [],
});
export const readDtraceJson = readBpftraceJson;
export const readDtraceText = (_: string, __: string): ScriptOutput => ({
  aggregates: [],
  events: [],
  unread: [],
});
