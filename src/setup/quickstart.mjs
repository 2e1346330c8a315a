// npm run quickstart: from a bare clone to a traced sweep and its spreadsheet files.
import { prepareCheckout, prepareTracer, run, say } from './prepare.mjs';

prepareCheckout();
prepareTracer();
const spec = 'experiments/quickstart.yaml';
say(`npx ipc-sweep run ${spec}`);
process.exitCode = run(process.execPath, ['bundle/main.js', 'run', spec, ...process.argv.slice(2)]);
