/*
 * io-latency - how long did each read and write on the channel take?
 *
 * Nanoseconds from the system call's entry to its return, including sleep, in power-of-two buckets.
 * The buckets are counted by their lower edge and not with quantize(), which prints a picture: one
 * record per line can be added up and checked. Bucket 0 is everything below 256 ns.
 *
 * PRINTS  io_latency PID.IMAGE PPID OPERATION NANOSECONDS COUNT
 * COSTS   a time stamp, a comparison chain and an aggregation in every read and write
 */
self uint64_t entered;

syscall::read:entry,
syscall::write:entry
/execname == {{execname}}/
{
	self->entered = timestamp;
}

syscall::read:return,
syscall::write:return
/execname == {{execname}} && self->channel > 1 && self->entered/
{
	this->ns = (uint64_t)(timestamp - self->entered);
	this->high = this->ns < 65536 ? 0 : this->ns < 16777216 ? 8 : this->ns < 4294967296 ? 16 : 24;
	this->low = this->ns >> this->high;
	this->edge = this->low < 256 ? 0 : this->low < 512 ? 256 : this->low < 1024 ? 512 :
	    this->low < 2048 ? 1024 : this->low < 4096 ? 2048 : this->low < 8192 ? 4096 :
	    this->low < 16384 ? 8192 : this->low < 32768 ? 16384 : this->low < 65536 ? 32768 : 65536;
	@io_latencies[pid, run_image, ppid, probefunc, (uint64_t)this->edge << this->high] = count();
}

proc:::exit
/execname == {{execname}}/
{
	self->entered = 0;
}

syscall::getpriority:entry
/pid == {{launcher}} && (int)arg1 == asked_pid/
{
	printa("io_latency %d.%d %d %s %d %@d\n", @io_latencies);
	trunc(@io_latencies);
}

dtrace:::END
{
	trunc(@io_latencies);
}
