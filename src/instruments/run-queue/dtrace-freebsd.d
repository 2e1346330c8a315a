/*
 * run-queue - how long did a thread that could run wait for the processor?
 *
 * A wait begins when a thread is put into a run queue (sched:::enqueue, in the waker's context;
 * args[0] is the thread, args[1] its process) or is switched away from although it could go on
 * running (td_state 3, TDS_RUNQ; 4, TDS_RUNNING, if an idle processor has already chosen it; one
 * that sleeps has 1). It ends at sched:::on-cpu, which fires in the thread itself. ULE tells nothing
 * when it queues the thread that it switches away from; 4BSD calls it an enqueue of curthread, which
 * is left out. A thread that is queued again while it waits, because its priority or its processor
 * changes, goes on waiting.
 *
 * woken[thread] is the time of the enqueue, self->left that of the switch; both are 1 while there
 * is none, and 0 only before a thread's first and after its end. A new thread is known by its
 * parent: args[1] is the parent's process or a child of it. Pointers are compared as numbers: up to
 * FreeBSD 13, a pointer to a struct that is only declared is no match for one to the same struct.
 *
 * Buckets are counted by their lower edge; bucket 0 is everything below 256 ns.
 *
 * PRINTS  run_queue PID.IMAGE PPID AFTER NANOSECONDS COUNT
 * NEEDS   type information (CTF), as in GENERIC
 * COSTS   a look-up in every enqueue on the machine; a time stamp, a store and an aggregation in
 *         the switches of the run
 */
uint64_t woken[int];
self uint64_t left;

sched:::off-cpu
/execname == {{execname}}/
{
	self->left = curthread->td_state >= 3 ? timestamp : 1;
	woken[curthread->td_tid] = 1;
}

sched:::enqueue
/(uint64_t)args[0] != (uint64_t)curthread && woken[args[0]->td_tid] == 1/
{
	woken[args[0]->td_tid] = timestamp;
}

sched:::enqueue
/execname == {{execname}} && (uint64_t)args[0] != (uint64_t)curthread &&
    woken[args[0]->td_tid] == 0 && ((uint64_t)args[1] == (uint64_t)curthread->td_proc ||
    (uint64_t)args[1]->p_pptr == (uint64_t)curthread->td_proc)/
{
	woken[args[0]->td_tid] = timestamp;
}

sched:::on-cpu
/execname == {{execname}} && (self->left > 1 || woken[curthread->td_tid] > 1)/
{
	this->since = self->left > 1 ? self->left : woken[curthread->td_tid];
	this->ns = (uint64_t)(timestamp - this->since);
	this->high = this->ns < 65536 ? 0 : this->ns < 16777216 ? 8 : this->ns < 4294967296 ? 16 : 24;
	this->low = this->ns >> this->high;
	this->edge = this->low < 256 ? 0 : this->low < 512 ? 256 : this->low < 1024 ? 512 :
	    this->low < 2048 ? 1024 : this->low < 4096 ? 2048 : this->low < 8192 ? 4096 :
	    this->low < 16384 ? 8192 : this->low < 32768 ? 16384 : this->low < 65536 ? 32768 : 65536;
	@run_queue[pid, run_image, ppid, self->left > 1 ? "preemption" : "wake-up",
	    (uint64_t)this->edge << this->high] = count();
}

sched:::on-cpu
/execname == {{execname}}/
{
	self->left = 1;
	woken[curthread->td_tid] = 1;
}

proc:::lwp-exit
/execname == {{execname}}/
{
	self->left = 0;
	woken[curthread->td_tid] = 0;
}

profile:::tick-50hz
/flushes > 0/
{
	printa("run_queue %d.%d %d %s %d %@d\n", @run_queue);
	trunc(@run_queue);
}

dtrace:::END
{
	trunc(@run_queue);
}
