/** The part that is used here of https://github.com/frictionlessdata/datapackage-js */
declare module 'datapackage' {
  interface Resource {
    readonly name: string;
    /** @throws an error whose `errors` say which cells do not conform */
    read(options: { relations: boolean }): Promise<readonly (readonly unknown[])[]>;
  }
  const datapackage: {
    readonly Package: {
      load(
        descriptor: string,
        options: { strict: boolean },
      ): Promise<{
        readonly valid: boolean;
        readonly errors: readonly Error[];
        readonly resources: readonly Resource[];
      }>;
    };
  };
  export default datapackage;
}
