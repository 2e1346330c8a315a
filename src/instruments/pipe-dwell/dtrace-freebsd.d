/*
 * pipe-dwell - how long is the pipe in each state?
 *
 * The pipe is looked at when a read or write on it enters, when its system call returns, and
 * whenever its thread loses or gets the processor in between, as it does to sleep. The time between
 * two looks is charged to the state that the first one found; the state that the second one found
 * is noted with it. The return is that of the system call because on arm64, up to FreeBSD 13, fbt
 * takes some branches in the middle of a function for its return.
 *
 * A FreeBSD pipe is two struct pipes, one for each end, and data written at one end go into the
 * other end's struct. So a look is at the reader's struct, whoever makes it. Its pipe_state says
 * nothing of how full it is, which is therefore added to it:
 *     0x10000 EMPTY     no bytes in the buffer, none left of a direct write
 *     0x20000 FULL      the buffer has as many bytes as it has room for
 *     0x40000 PARTIAL   neither; a direct write that is being read is always PARTIAL
 *
 * Both ends share a pipe, so its looks form one chain, whoever makes them. The chain begins when
 * the first write on the pipe enters: the reader's wait for the writer to begin is left out, as in
 * the benchmark's own time. It ends with the last look. A pipe is identified by its inode's number,
 * because another pipe may get the same address, but never the same number. A write on another
 * pipe ends the chain, so two pipes that are used in turns make more chains than iterations.
 *
 * Two processors that look at the same time may both charge the time since the last look. The sum
 * of the states is then longer than the pipe's span, because the span comes from the chain's first
 * and last time alone.
 *
 * self->dwell_data is the address of the reader's struct while a call is on the pipe, and 1
 * otherwise. It is not freed before the thread ends (see channel).
 *
 * PRINTS  pipe_dwell PID.IMAGE PPID STATE NEXT_STATE NANOSECONDS, of the run's root
 *         pipe_span PID.IMAGE PPID N NANOSECONDS, from the first to the last look at the n-th pipe
 * NEEDS   FreeBSD 13 (pipe_pages; a number for every pipe)
 * COSTS   one aggregation and some stores at entry and return of every read and write on the pipe,
 *         two comparisons in every switch on the machine
 */
uint64_t dwell_pipe;
uint64_t dwell_first;
uint64_t dwell_since;
int dwell_state;
int dwell_pipes;
self uint64_t dwell_data;

fbt::pipe_read:entry
/execname == {{execname}} && self->descriptor > 3 && (pid == run_pid || ppid == run_pid)/
{
	self->dwell_data = (uint64_t)args[0]->f_data;
}

fbt::pipe_write:entry
/execname == {{execname}} && self->descriptor > 3 && (pid == run_pid || ppid == run_pid)/
{
	self->dwell_data = (uint64_t)((struct pipe *)args[0]->f_data)->pipe_peer;
}

fbt::pipe_read:entry,
fbt::pipe_write:entry,
syscall:freebsd:read:return,
syscall:freebsd:write:return,
syscall:freebsd:readv:return,
syscall:freebsd:writev:return,
sched:::sleep,
sched:::preempt,
sched:::on-cpu
/execname == {{execname}} && self->dwell_data > 1/
{
	this->now = (uint64_t)timestamp;
	this->end = (struct pipe *)self->dwell_data;
	this->found = (int)this->end->pipe_state |
	    (this->end->pipe_buffer.cnt == 0 && this->end->pipe_pages.cnt == 0 ? 0x10000 :
	    this->end->pipe_buffer.cnt > 0 &&
	    this->end->pipe_buffer.cnt >= this->end->pipe_buffer.size ? 0x20000 : 0x40000);
}

fbt::pipe_read:entry,
fbt::pipe_write:entry,
syscall:freebsd:read:return,
syscall:freebsd:write:return,
syscall:freebsd:readv:return,
syscall:freebsd:writev:return,
sched:::sleep,
sched:::preempt,
sched:::on-cpu
/execname == {{execname}} && self->dwell_data > 1 &&
    dwell_pipe == (uint64_t)this->end->pipe_ino && this->now >= dwell_since/
{
	@pipe_dwell[run_pid, run_image, {{launcher}}, dwell_state, this->found] =
	    sum(this->now - dwell_since);
	dwell_since = this->now;
	dwell_state = this->found;
}

fbt::pipe_write:entry
/execname == {{execname}} && self->dwell_data > 1 && dwell_pipe != 0 &&
    dwell_pipe != (uint64_t)this->end->pipe_ino/
{
	@pipe_spans[run_pid, run_image, {{launcher}}, dwell_pipes] = sum(dwell_since - dwell_first);
}

fbt::pipe_write:entry
/execname == {{execname}} && self->dwell_data > 1 && dwell_pipe != (uint64_t)this->end->pipe_ino/
{
	dwell_pipe = (uint64_t)this->end->pipe_ino;
	dwell_pipes = dwell_pipes + 1;
	dwell_first = this->now;
	dwell_since = this->now;
	dwell_state = this->found;
}

syscall:freebsd:read:return,
syscall:freebsd:write:return,
syscall:freebsd:readv:return,
syscall:freebsd:writev:return
/execname == {{execname}} && self->dwell_data > 1/
{
	self->dwell_data = 1;
}

proc:::lwp-exit
/execname == {{execname}}/
{
	self->dwell_data = 0;
}

proc:::exit
/execname == {{execname}} && pid == run_pid && dwell_pipe != 0/
{
	@pipe_spans[run_pid, run_image, {{launcher}}, dwell_pipes] = sum(dwell_since - dwell_first);
	dwell_pipe = 0;
}

/* A wrapper script's own pipes are left out: each exec of the root begins a new image. */
proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	dwell_pipe = 0;
	dwell_pipes = 0;
}

profile:::tick-50hz
/flushes > 0/
{
	printa("pipe_dwell %d.%d %d %d %d %@d\n", @pipe_dwell);
	printa("pipe_span %d.%d %d %d %@d\n", @pipe_spans);
	trunc(@pipe_dwell);
	trunc(@pipe_spans);
}

dtrace:::END
{
	trunc(@pipe_dwell);
	trunc(@pipe_spans);
}
