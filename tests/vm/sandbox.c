/* SPDX-License-Identifier: MIT */
/*
 * Run in the daemon's place, in its sandbox: tries what each line of the unit forbids, and what
 * the daemon needs all the same. Prints "ok - sentence" or "not ok - sentence" for each.
 *
 *	sandbox NETWORK_NAMESPACE MOUNT_NAMESPACE: those of the machine, as /proc/PID/ns has them
 */
#include <alloca.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool failed;

static void say(bool good, const char *sentence)
{
	printf("%sok - %s\n", good ? "" : "not ", sentence);
	failed |= !good;
}

/* Whether a call has failed in this way. */
static bool refused(long r, int error)
{
	if (r == -1 && errno == error)
		return true;
	if (r == -1)
		printf("# %s instead of %s\n", strerror(errno), strerror(error));
	else
		printf("# it was done\n");
	return false;
}

static bool cannot_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return true;
	printf("# %s was opened\n", path);
	close(fd);
	return false;
}

/* ---- who it is ------------------------------------------------------------------------- */

static bool status_is(const char *name, const char *value)
{
	char line[256];
	bool is = false;
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		is = strcmp(line + strlen(name), value) == 0;
		if (!is)
			printf("# %s\n", line);
	}
	if (f)
		fclose(f);
	return is;
}

static void try_identity(void)
{
	static const char none[] = ":\t0000000000000000";

	say(getuid() != 0 && refused(setuid(0), EPERM),
	    "in the sandbox one is not root and does not become root (DynamicUser)");
	say(status_is("CapBnd", none) && status_is("CapEff", none),
	    "there are no capabilities (CapabilityBoundingSet)");
	say(status_is("CapAmb", none), "none are inherited (AmbientCapabilities)");
	say(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
	    "none come with a program (NoNewPrivileges)");
}

/* ---- files ----------------------------------------------------------------------------- */

static bool is_read_only(const char *path)
{
	struct statvfs st;

	if (statvfs(path, &st) == 0 && st.f_flag & ST_RDONLY)
		return true;
	printf("# %s is not read-only\n", path);
	return false;
}

static bool is_namespace(const char *name, const char *other)
{
	char path[64], link[64] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	return readlink(path, link, sizeof(link) - 1) > 0 && strcmp(link, other) == 0;
}

static bool is_empty_or_closed(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	bool empty = true;

	if (!dir)
		return true;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.') {
			printf("# %s/%s is there\n", path, e->d_name);
			empty = false;
		}
	closedir(dir);
	return empty;
}

static void try_files(const char *mount_namespace)
{
	static const char file[] = "/tmp/file";
	struct stat st = {0};
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	say(is_read_only("/") && is_read_only("/etc") && is_read_only("/usr") &&
		    is_read_only("/var"),
	    "the machine's files are read-only (ProtectSystem)");
	say(is_empty_or_closed("/home") && is_empty_or_closed("/root"),
	    "homes are not seen (ProtectHome)");
	say(access("/tmp/of-the-machine", F_OK) < 0,
	    "the machine's /tmp is not seen (PrivateTmp)");
	say(!is_namespace("mnt", mount_namespace) &&
		    refused(mount("none", "/tmp", "tmpfs", 0, NULL), EPERM),
	    "nothing is mounted, and what is is not seen outside (PrivateMounts)");
	say(fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "files are for the daemon's user alone (UMask)");
	say(refused(fchmod(fd, 04755), EPERM),
	    "no file becomes setuid (RestrictSUIDSGID)");
	say(refused(fchown(fd, 0, 0), EPERM), "no file is given away (SystemCallFilter)");
	close(fd);
	unlink(file);
}

static void try_proc(void)
{
	say(access("/proc/1/stat", F_OK) < 0,
	    "other users' processes are not seen (ProtectProc)");
	say(access("/proc/meminfo", F_OK) < 0 && access("/proc/self/stat", F_OK) == 0,
	    "of /proc there are processes only (ProcSubset)");
	say(is_read_only("/sys") && access("/proc/sys/kernel/panic", W_OK) < 0,
	    "the kernel cannot be tuned (ProtectKernelTunables)");
	say(is_read_only("/sys/fs/cgroup"),
	    "control groups cannot be changed (ProtectControlGroups)");
	say(is_empty_or_closed("/usr/lib/modules") &&
		    refused(syscall(SYS_init_module, "", 0, ""), EPERM),
	    "kernel modules are neither seen nor loaded (ProtectKernelModules)");
	say(refused(syscall(SYS_syslog, 3, alloca(64), 64), EPERM) &&
		    cannot_open("/dev/kmsg", O_RDONLY),
	    "the kernel's log is not read (ProtectKernelLogs)");
}

static void try_devices(void)
{
	say(cannot_open("/dev/mem", O_RDONLY) && cannot_open("/dev/loop0", O_RDONLY) &&
		    cannot_open("/dev/ttyS0", O_RDWR) &&
		    cannot_open("/dev/vport1p1", O_RDWR),
	    "devices other than sound are not opened (DevicePolicy)");
	say(refused(mknod("/tmp/loop", S_IFBLK | 0600, makedev(7, 0)), EPERM),
	    "no device is made (CapabilityBoundingSet)");
	say(!cannot_open("/dev/snd/controlC0", O_RDWR),
	    "sound devices are opened (DeviceAllow, SupplementaryGroups)");
}

/* ---- the network ------------------------------------------------------------------------- */

static void try_network(const char *network_namespace)
{
	static const int families[] = {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
	bool all = true;
	int fd;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		all &= refused(socket(families[i], SOCK_RAW | SOCK_CLOEXEC, 0),
			       EAFNOSUPPORT);
	say(all, "there are no sockets but Unix ones (RestrictAddressFamilies)");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	say(fd >= 0, "there are Unix sockets (RestrictAddressFamilies)");
	close(fd);
	say(!is_namespace("net", network_namespace),
	    "the machine's network is not there (PrivateNetwork)");
}

/* ---- the kernel ------------------------------------------------------------------------ */

static void try_calls(void)
{
	struct timespec now = {.tv_sec = 1000000000};

	say(refused(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM) &&
		    refused(syscall(SYS_bpf, 0, NULL, 0), EPERM) &&
		    refused(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0), EPERM) &&
		    refused(syscall(SYS_swapon, "/", 0), EPERM) &&
		    refused(syscall(SYS_reboot, 0, 0, 0, 0), EPERM) &&
		    refused(syscall(SYS_kexec_load, 0, 0, NULL, 0), EPERM),
	    "calls that an audio daemon has no use for are refused (SystemCallFilter)");
	say(refused(syscall(SYS_ioprio_set, 1, 0, 0), EPERM) &&
		    refused(syscall(SYS_mbind, NULL, 0, 0, NULL, 0, 0), EPERM),
	    "of those for resources the daemon has scheduling only (SystemCallFilter)");
	say(refused(clock_settime(CLOCK_REALTIME, &now), EPERM),
	    "the clock is not set (ProtectClock)");
	say(refused(sethostname("sandbox", 7), EPERM),
	    "the host keeps its name (ProtectHostname)");
	say(refused(unshare(CLONE_NEWUSER), EPERM) &&
		    refused(unshare(CLONE_NEWNET), EPERM),
	    "there are no namespaces to be had (RestrictNamespaces)");
	say(refused(personality(PER_LINUX32), EPERM),
	    "the kernel's personality stays (LockPersonality)");
}

static void try_memory(void)
{
	void *both = mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	bool no_map = refused(both == MAP_FAILED ? -1 : 0, EPERM);
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	say(no_map && refused(mprotect(p, 4096, PROT_READ | PROT_EXEC), EPERM),
	    "what was written is not executed (MemoryDenyWriteExecute)");
}

/* getpid of the 32-bit calls, by which a filter for 64 bits could be passed. */
static void try_other_calls(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		long r = 20;

		__asm__ volatile("int $0x80"
				 : "+a"(r)
				 :
				 : "memory", "r8", "r9", "r10", "r11");
		_exit(r > 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	say(!WIFEXITED(status) || WEXITSTATUS(status) != 0,
	    "there are no calls of another architecture (SystemCallArchitectures)");
}

/* ---- what it needs --------------------------------------------------------------------- */

static void try_needs(void)
{
	struct sched_param fifo = {.sched_priority = 50}, above = {.sched_priority = 96};

	say(refused(sched_setscheduler(0, SCHED_FIFO, &above), EPERM),
	    "there is no realtime above 95 (LimitRTPRIO)");
	say(sched_setscheduler(0, SCHED_FIFO, &fifo) == 0 &&
		    sched_getscheduler(0) == SCHED_FIFO,
	    "there is realtime (LimitRTPRIO, RestrictRealtime)");
	say(mlockall(MCL_CURRENT | MCL_FUTURE) == 0, "memory is locked (LimitMEMLOCK)");
}

int main(int argc, char **argv)
{
	/* Outside of a sandbox it would do all that, to the machine. */
	if (argc != 3 || getuid() == 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
		fputs("sandbox: it is to be run by systemd, in the daemon's place\n",
		      stderr);
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	try_identity();
	try_files(argv[2]);
	try_proc();
	try_devices();
	try_network(argv[1]);
	try_calls();
	try_memory();
	try_other_calls();
	try_needs();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
