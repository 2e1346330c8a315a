/*
 * pipe-states - in which state does each read and write find the pipe?
 *
 * A FreeBSD pipe is two struct pipes, one for each end, and each end's descriptor leads to its own.
 * Data written at one end go into the other end's struct. So the operations are:
 *     read         the reader's own end, which is also the one that holds the data
 *     write        the writer's own end; in a one-way pipe nothing ever happens to it
 *     write-peer   the end the write puts its data into, as the write finds it
 * The probes fire before the pipe is locked, so each value is a snapshot of one moment.
 *
 * The bits of the word are those of sys/pipe.h: 0x004 ASYNC, 0x008 WANTR, 0x010 WANTW, 0x020 WANT,
 * 0x040 SEL, 0x080 EOF, 0x100 LOCKFL, 0x200 LWANT, 0x400 DIRECTW, 0x800 DIRECTOK.
 * Transitions are within one thread and one pipe. self->read_before and self->write_before are
 * state + 1, or -1 when the thread has made a pipe and not used it yet, because the next
 * iteration's pipe may have the same address as the last one's. They are not freed there (see
 * channel).
 *
 * PRINTS  pipe_state PID.IMAGE PPID OPERATION STATE COUNT
 *         pipe_transition PID.IMAGE PPID OPERATION STATE_BEFORE STATE COUNT
 * COSTS   two or three aggregations in every read and write on the pipe
 */
self int read_before;
self int write_before;

fbt::pipe_read:entry
/execname == {{execname}} && self->descriptor > 3/
{
	this->state = (int)((struct pipe *)args[0]->f_data)->pipe_state;
	@pipe_states[pid, run_image, ppid, "read", this->state] = count();
}

fbt::pipe_read:entry
/execname == {{execname}} && self->descriptor > 3 && self->read_before > 0/
{
	@pipe_transitions[pid, run_image, ppid, "read", self->read_before - 1, this->state] = count();
}

fbt::pipe_read:entry
/execname == {{execname}} && self->descriptor > 3/
{
	self->read_before = this->state + 1;
}

fbt::pipe_write:entry
/execname == {{execname}} && self->descriptor > 3/
{
	this->own = (struct pipe *)args[0]->f_data;
	this->state = (int)this->own->pipe_state;
	@pipe_states[pid, run_image, ppid, "write", this->state] = count();
	@pipe_states[pid, run_image, ppid, "write-peer", (int)this->own->pipe_peer->pipe_state] = count();
}

fbt::pipe_write:entry
/execname == {{execname}} && self->descriptor > 3 && self->write_before > 0/
{
	@pipe_transitions[pid, run_image, ppid, "write", self->write_before - 1, this->state] = count();
}

fbt::pipe_write:entry
/execname == {{execname}} && self->descriptor > 3/
{
	self->write_before = this->state + 1;
}

syscall:freebsd:pipe2:entry
/execname == {{execname}}/
{
	self->read_before = -1;
	self->write_before = -1;
}

/* Forget the states of a wrapper script's own pipes: the benchmark's do not follow them. */
syscall:freebsd:execve:entry
/execname == {{execname}}/
{
	self->read_before = 0;
	self->write_before = 0;
}

proc:::lwp-exit
/execname == {{execname}}/
{
	self->read_before = 0;
	self->write_before = 0;
}

profile:::tick-50hz
/flushes > 0/
{
	printa("pipe_state %d.%d %d %s %d %@d\n", @pipe_states);
	printa("pipe_transition %d.%d %d %s %d %d %@d\n", @pipe_transitions);
	trunc(@pipe_states);
	trunc(@pipe_transitions);
}

dtrace:::END
{
	trunc(@pipe_states);
	trunc(@pipe_transitions);
}
