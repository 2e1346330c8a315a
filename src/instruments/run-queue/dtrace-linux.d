/*
 * run-queue - how long did a thread that could run wait for the processor?
 *
 * These are the kernel's own numbers: each thread has run_delay, the time for which it has waited,
 * and pcount, how often. Both are read at each switch away from a thread of the run. If pcount has
 * grown by one, run_delay has grown by that wait. If it has grown by more, a switch was missed, and
 * the waits are counted as unseen. Wake-ups are not traced: this DTrace (2.0.1) runs the probes of
 * an interrupt in the memory of the clause that the interrupt has come into, and ruins it.
 *
 * A thread that is woken and switched to at once has waited 0 ns by the kernel's reckoning, because
 * it reads the clock only once for both. Buckets are counted by their lower edge; bucket 0 is
 * everything below 256 ns. self->expected is pcount + 1, self->preempted 1 if the thread could go
 * on running when it was switched away from.
 *
 * PRINTS  run_queue PID.IMAGE PPID AFTER NANOSECONDS COUNT
 * NEEDS   a kernel with CONFIG_SCHED_INFO, which TASK_DELAY_ACCT, SCHEDSTATS and KVM bring along
 * COSTS   one aggregation in every switch away from the run
 */
self uint64_t expected;
self uint64_t delayed;
self int preempted;

proc:::exec-success
/execname == {{execname}} && ppid == {{launcher}}/
{
	self->expected = (uint64_t)curthread->sched_info.pcount + 1;
	self->delayed = (uint64_t)curthread->sched_info.run_delay;
}

rawtp:sched::sched_switch
/execname == {{execname}}/
{
	this->expected = self->expected == 0 ? 1 : self->expected;
	this->made = (uint64_t)curthread->sched_info.pcount;
	this->ns = (uint64_t)curthread->sched_info.run_delay - self->delayed;
	this->high = this->ns < 65536 ? 0 : this->ns < 16777216 ? 8 : this->ns < 4294967296 ? 16 : 24;
	this->low = this->ns >> this->high;
	this->edge = this->low < 256 ? 0 : this->low < 512 ? 256 : this->low < 1024 ? 512 :
	    this->low < 2048 ? 1024 : this->low < 4096 ? 2048 : this->low < 8192 ? 4096 :
	    this->low < 16384 ? 8192 : this->low < 32768 ? 16384 : this->low < 65536 ? 32768 : 65536;
}

rawtp:sched::sched_switch
/execname == {{execname}} && this->made == this->expected/
{
	@run_queue[pid, run_image, ppid, self->preempted ? "preemption" : "wake-up",
	    (uint64_t)this->edge << this->high] = sum(1);
}

rawtp:sched::sched_switch
/execname == {{execname}} && this->made > this->expected/
{
	@run_queue[pid, run_image, ppid, "unseen", (uint64_t)0] = sum(this->made - this->expected + 1);
}

rawtp:sched::sched_switch
/execname == {{execname}}/
{
	self->expected = this->made + 1;
	self->delayed = (uint64_t)curthread->sched_info.run_delay;
	self->preempted = curthread->__state == 0 ? 1 : 0;
}

/* The last switch, away from a dead thread. */
rawtp:sched::sched_switch
/execname == {{execname}} && (curthread->__state & 0x80)/
{
	self->expected = 0;
	self->delayed = 0;
	self->preempted = 0;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("run_queue %d.%d %d %s %d %@d\n", @run_queue);
	trunc(@run_queue);
}

dtrace:::END
{
	trunc(@run_queue);
}
