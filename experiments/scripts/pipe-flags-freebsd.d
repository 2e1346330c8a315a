/*
 * pipe-flags-freebsd - the state word of the pipe at every read, and the calls by name
 *
 * What the labs' notebook asks, as a script of one's own. The states end in events.csv, decoded
 * into flag names; the counts in aggregations.csv. `quiet` stays off: without it each state stands
 * on a line of its own, behind its probe.
 */
fbt::pipe_read:entry
/execname == "ipc-benchmark"/
{
	trace(((struct pipe *)args[0]->f_data)->pipe_state);
}

syscall:::entry
/execname == "ipc-benchmark"/
{
	@calls[probefunc] = count();
}
