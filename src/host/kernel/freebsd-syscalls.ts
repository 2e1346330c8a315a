/*
 * The names of FreeBSD's system calls, as dtrace shows them: sys/kern/syscalls.master of stable/13
 * without the calls for old binaries, plus those that only sys/kern/syscalls.c of 14 and 15 has.
 */
export const FREEBSD_SYSTEM_CALLS: readonly string[] = `
  __acl_aclcheck_fd __acl_aclcheck_file __acl_aclcheck_link __acl_delete_fd
  __acl_delete_file __acl_delete_link __acl_get_fd __acl_get_file __acl_get_link
  __acl_set_fd __acl_set_file __acl_set_link __cap_rights_get __getcwd __mac_execve
  __mac_get_fd __mac_get_file __mac_get_link __mac_get_pid __mac_get_proc __mac_set_fd
  __mac_set_file __mac_set_link __mac_set_proc __realpathat __semctl __setugid __specialfd
  __syscall __sysctl __sysctlbyname _exit _umtx_op abort2 accept accept4 access acct
  adjtime afs3_syscall aio_cancel aio_error aio_fsync aio_mlock aio_read aio_readv
  aio_return aio_suspend aio_waitcomplete aio_write aio_writev audit auditctl auditon bind
  bindat break cap_enter cap_fcntls_get cap_fcntls_limit cap_getmode cap_ioctls_get
  cap_ioctls_limit cap_rights_limit chdir chflags chflagsat chmod chown chroot
  clock_getcpuclockid2 clock_getres clock_gettime clock_nanosleep clock_settime close
  close_range connect connectat copy_file_range cpuset cpuset_getaffinity cpuset_getdomain
  cpuset_getid cpuset_setaffinity cpuset_setdomain cpuset_setid dup dup2 eaccess execve
  exit extattr_delete_fd extattr_delete_file extattr_delete_link extattr_get_fd
  extattr_get_file extattr_get_link extattr_list_fd extattr_list_file extattr_list_link
  extattr_set_fd extattr_set_file extattr_set_link extattrctl exterrctl faccessat fchdir
  fchflags fchmod fchmodat fchown fchownat fchroot fcntl fdatasync fexecve
  ffclock_getcounter ffclock_getestimate ffclock_setestimate fhlink fhlinkat fhopen
  fhreadlink fhstat fhstatfs flock fork fpathconf freebsd13_swapoff fspacectl fstat
  fstatat fstatfs fsync ftruncate funlinkat futimens futimes futimesat getaudit
  getaudit_addr getauid getcontext getdirentries getdtablesize getegid geteuid getfh
  getfhat getfsstat getgid getgroups getitimer getlogin getloginclass getpeername getpgid
  getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit
  getrlimitusage getrusage getsid getsockname getsockopt gettimeofday getuid gssd_syscall
  inotify_add_watch_at inotify_rm_watch ioctl issetugid jail jail_attach jail_attach_jd
  jail_get jail_remove jail_remove_jd jail_set kcmp kenv kevent kexec_load kill kldfind
  kldfirstmod kldload kldnext kldstat kldsym kldunload kldunloadf kmq_notify kmq_open
  kmq_setattr kmq_timedreceive kmq_timedsend kmq_unlink kqueue kqueuex ksem_close
  ksem_destroy ksem_getvalue ksem_init ksem_open ksem_post ksem_timedwait ksem_trywait
  ksem_unlink ksem_wait ktimer_create ktimer_delete ktimer_getoverrun ktimer_gettime
  ktimer_settime ktrace lchflags lchmod lchown lgetfh link linkat lio_listio listen
  lpathconf lseek lutimes mac_syscall madvise membarrier mincore minherit mkdir mkdirat
  mkfifo mkfifoat mknodat mlock mlockall mmap modfind modfnext modnext modstat mount
  mprotect msgctl msgget msgrcv msgsnd msgsys msync munlock munlockall munmap nanosleep
  nfssvc nlm_syscall nmount nnpfs_syscall ntp_adjtime ntp_gettime open openat pathconf
  pddupfd pdfork pdgetpid pdkill pdopenpid pdrfork pdwait pipe2 poll posix_fadvise
  posix_fallocate posix_openpt ppoll pread preadv procctl profil pselect ptrace pwrite
  pwritev quotactl rctl_add_rule rctl_get_limits rctl_get_racct rctl_get_rules
  rctl_remove_rule read readlink readlinkat readv reboot recvfrom recvmsg rename renameat
  renameat2 revoke rfork rmdir rpctls_syscall rtprio rtprio_thread sbrk
  sched_get_priority_max sched_get_priority_min sched_getcpu sched_getparam
  sched_getscheduler sched_rr_get_interval sched_setparam sched_setscheduler sched_yield
  sctp_generic_recvmsg sctp_generic_sendmsg sctp_generic_sendmsg_iov sctp_peeloff select
  semget semop semsys sendfile sendmsg sendto setaudit setaudit_addr setauid setcontext
  setcred setegid seteuid setfib setgid setgroups setitimer setlogin setloginclass setpgid
  setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt
  settimeofday setuid shm_open2 shm_rename shm_unlink shmat shmctl shmdt shmget shmsys
  shutdown sigaction sigaltstack sigfastblock sigpending sigprocmask sigqueue sigreturn
  sigsuspend sigtimedwait sigwait sigwaitinfo socket socketpair sstk statfs swapcontext
  swapoff swapon symlink symlinkat sync sysarch syscall thr_create thr_exit thr_kill
  thr_kill2 thr_new thr_self thr_set_name thr_suspend thr_wake timerfd_create
  timerfd_gettime timerfd_settime truncate umask undelete unlink unlinkat unmount
  utimensat utimes utrace uuidgen vfork wait4 wait6 write writev yield`
  .trim()
  .split(/\s+/);
