import { type FactSources, type Found, settingsIn } from './sources.ts';

const NAMES = {
  'hw.physicalcpu': 'cpu_cores',
  'hw.pagesize': 'page_size_bytes',
  'hw.l1dcachesize': 'l1d_cache_bytes',
  'hw.l1icachesize': 'l1i_cache_bytes',
  'hw.l2cachesize': 'l2_cache_bytes',
  'hw.l3cachesize': 'l3_cache_bytes',
  'hw.cachelinesize': 'cache_line_bytes',
} as const;

/** macOS: what sysctl tells without root. Clock and power management cannot be seen there. */
export async function macosFacts(sources: FactSources): Promise<readonly Found[]> {
  const asked = await sources.ask('sysctl', ['-i', ...Object.keys(NAMES), 'kern.hv_vmm_present']);
  const answer = settingsIn(asked ?? '');
  const guest = answer.get('kern.hv_vmm_present');
  return [
    ...Object.entries(NAMES).map(([name, key]): Found => [key, answer.get(name)]),
    ['virtualisation', guest && (guest === '1' ? 'unknown hypervisor' : 'none')],
  ];
}
