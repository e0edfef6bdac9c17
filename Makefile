# SPDX-License-Identifier: MIT
#
# make demo      build all and hear it (installs what is missing, by apt)
# make test      every test and check (installs what is missing, by apt)
# make test-vm   as installed, under systemd, on the kernel's sound cards, in a virtual machine
# make all       audd, aud-ctl, libaud      make install   DESTDIR= prefix=
# make soak      clients, faults and restarts at random; HOURS= in real time, VIRTUAL_HOURS=
# make bench     figures                    make lint      make format
# make deb       Debian packages, into build/deb
# make fuzz      every fuzzer    SECONDS=60 TARGET=name
# make coverage  of the code that takes what clients send, by tests and corpora
# SAN=address or SAN=thread builds and tests with a sanitizer, in a folder of its own.
# V=1 shows the whole commands.
VERSION := 0.1.0
prefix ?= /usr/local
bindir ?= $(prefix)/bin
libdir ?= $(prefix)/lib
includedir ?= $(prefix)/include
mandir ?= $(prefix)/share/man
sysconfdir ?= /etc
unitdir ?= $(prefix)/lib/systemd/system
userunitdir ?= $(prefix)/lib/systemd/user

SAN ?=
B := build/$(or $(SAN),$(notdir $(CC)))
G := build/gen
DEBUG_address := -fsanitize=address,undefined -fno-sanitize-recover=undefined
DEBUG_thread := -fsanitize=thread
DEBUG_fuzzer := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
DEBUG_coverage := --coverage -O0
ifeq ($(SAN),fuzzer)
override CC := clang
endif
SANFLAGS := $(if $(SAN),-fno-omit-frame-pointer $(DEBUG_$(SAN)))

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings
BASE := -std=gnu11 -D_GNU_SOURCE -fPIC -pthread $(WARN) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS) -MMD -MP
# What lets loops over samples become vectors and changes no result.
RT_MATH := -fno-math-errno -fno-trapping-math -ffp-contract=off
LDFLAGS += -pthread $(SANFLAGS)

pkg = $(shell pkg-config $(1) 2>/dev/null)
PROTO_LIBS = $(call pkg,--libs libprotobuf-c)
DAEMON_LIBS = $(call pkg,--libs alsa libsystemd libprotobuf-c inih sndfile) -lm
CTL_LIBS = $(call pkg,--libs sndfile jansson)
TEST_LIBS = $(call pkg,--libs check) $(DAEMON_LIBS) $(CTL_LIBS)

V ?=
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2); )
src = $(sort $(wildcard $(1)/*.c))
obj = $(patsubst %.c,$(B)/%.o,$(1))

PROTO_OBJ := $(B)/gen/aud.pb-c.o $(call obj,$(call src,proto))
LIB_OBJ := $(call obj,$(call src,lib))
CTL_OBJ := $(call obj,$(call src,ctl))
# The hot loops (see rt/loops.h) are there once for any processor and again for wider ones.
HOT := $(sort $(wildcard daemon/rt/loops_*.c))
WIDE := $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine 2>/dev/null)),avx2 avx512)
FLAGS_avx2 := -mavx2
FLAGS_avx512 := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
HOT_OBJ := $(call obj,$(HOT)) $(foreach set,$(WIDE),$(HOT:%.c=$(B)/%.$(set).o))
RT_OBJ := $(call obj,$(filter-out $(HOT),$(call src,daemon/rt))) $(HOT_OBJ)
MAIN_OBJ := $(call obj,$(filter-out daemon/main.c,$(call src,daemon)))
SELFTEST_OBJ := $(call obj,$(call src,daemon/selftest))
# tests/test_*.c are programs; the other files there are the fakes they share; tests/plugin_*.c
# are plugins that alsa-lib loads; tests/preload_*.c are for LD_PRELOAD; tests/bench_*.c are benchmarks; tests/fuzz_*.c are fuzzers, which
# share what is in tests/fuzz/.
TESTS := $(patsubst tests/%.c,%,$(sort $(wildcard tests/test_*.c)))
FUZZERS := $(patsubst tests/%.c,%,$(sort $(wildcard tests/fuzz_*.c)))
BENCHES := $(patsubst tests/%.c,%,$(sort $(wildcard tests/bench_*.c)))
PLUGINS := $(patsubst tests/plugin_%.c,$(B)/tests/libasound_module_pcm_%.so,\
	$(sort $(wildcard tests/plugin_*.c)))
FAKE_OBJ := $(call obj,$(filter-out tests/test_% tests/bench_% tests/plugin_% tests/preload_% tests/selftest_% \
	tests/fuzz_%,\
	$(call src,tests)))
# libFuzzer has a main function of its own.
FUZZ_OBJ := $(call obj,$(filter-out $(if $(filter fuzzer,$(SAN)),tests/fuzz/replay.c),\
	$(call src,tests/fuzz)))

AUDD := $(B)/audd
CTL := $(B)/aud-ctl
SONAME := libaud.so.0
LIB := $(B)/$(SONAME)

.PHONY: all
all: $(AUDD) $(CTL) $(B)/libaud.so

# ---- what is compiled with what ---------------------------------------------------------

$(B)/gen/%.o: $(G)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -w -I$(G) -c -o $@ $<

# The real-time room: no -I at all, so that it cannot include what is not in it.
$(B)/daemon/rt/%.o: daemon/rt/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -O3 $(RT_MATH) -c -o $@ $<
define SET_RULE
$(B)/daemon/rt/%.$(1).o: daemon/rt/%.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CC) $$(BASE) -O3 $$(RT_MATH) $$(FLAGS_$(1)) -DLOOPS_SET=$(1) -c -o $$@ $$<
endef
$(foreach set,$(WIDE),$(eval $(call SET_RULE,$(set))))

$(B)/daemon/%.o: daemon/%.c $(G)/aud.pb-c.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -DAUD_VERSION='"$(VERSION)"' -DAUD_SYSCONFDIR='"$(sysconfdir)"' \
		-Iproto -I$(G) -c -o $@ $<

# It stands on the daemon, of which nothing needs it.
$(B)/daemon/selftest/%.o: BASE += -Idaemon

$(B)/proto/%.o: proto/%.c $(G)/aud.pb-c.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -I$(G) -c -o $@ $<

$(B)/lib/%.o: lib/%.c $(G)/aud.pb-c.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -fvisibility=hidden -Iproto -I$(G) -c -o $@ $<

# aud-ctl can do nothing that a stranger with the library could not.
$(B)/ctl/%.o: ctl/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -DAUD_VERSION='"$(VERSION)"' -Ilib -c -o $@ $<

$(B)/tests/%.o: tests/%.c $(G)/aud.pb-c.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -DBUILD_DIR='"$(abspath $(B))"' -DSOURCE_DIR='"$(CURDIR)"' \
		$(if $(SAN),,-DTRAPS) -Itests -Idaemon -Iproto -Ilib -I$(G) -c -o $@ $<

# The loops that ours are compared with are compiled like ours.
$(B)/tests/bench_%.o: BASE += -O3 $(RT_MATH)

$(G)/aud.pb-c.h: proto/aud.proto
	@mkdir -p $(G)
	$(call say,GEN,$@)protoc-c --proto_path=proto --c_out=$(G) $<
$(G)/aud.pb-c.c: $(G)/aud.pb-c.h ;

# ---- what is linked of what -------------------------------------------------------------

$(B)/libdaemon.a: $(MAIN_OBJ) $(RT_OBJ) $(PROTO_OBJ)
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^

$(B)/libselftest.a: $(SELFTEST_OBJ)
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^

$(AUDD): $(B)/daemon/main.o $(B)/libselftest.a $(B)/libdaemon.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

$(LIB): $(LIB_OBJ) $(PROTO_OBJ) lib/libaud.map
	$(call say,LD,$@)$(CC) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--version-script,lib/libaud.map \
		$(if $(SAN),,-Wl,--no-undefined) -o $@ $(LIB_OBJ) $(PROTO_OBJ) $(PROTO_LIBS) -lm
$(B)/libaud.so: $(LIB)
	@ln -sf $(SONAME) $@

$(CTL): $(CTL_OBJ) $(B)/libaud.so
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $(CTL_OBJ) -L$(B) -laud $(CTL_LIBS) -Wl,-rpath,'$$ORIGIN'

# Allocation, locks and blocking calls abort when a test reaches them inside a turn; and whatever
# allocates can be made to fail (tests/shortage.c).
TRAPS := free pthread_mutex_lock poll ppoll nanosleep usleep
ALLOCATORS := malloc calloc realloc aligned_alloc strdup asprintf vasprintf mmap memfd_create \
	fallocate eventfd pthread_create sd_event_add_io sd_event_add_time sd_event_add_post \
	sd_event_add_defer
WRAP := $(foreach f,$(ALLOCATORS) $(if $(SAN),,$(TRAPS)),-Wl,--wrap=$(f))
# Check goes by the machine's time (tests/clock.c).
WRAP += -Wl,--wrap=check_get_clockid
# These have a clock of their own, in places.
$(B)/tests/test_promises $(B)/tests/test_promises_fades $(B)/tests/test_undisturbed: WRAP += -Wl,--wrap=clock_gettime
$(B)/tests/test_device_faults $(B)/tests/test_device_lies: WRAP += -Wl,--wrap=clock_gettime
# Every ALSA call that the daemon makes, one a line. In this program each can be made to fail.
$(B)/tests/alsa_calls.h: $(B)/libdaemon.a $(B)/daemon/main.o
	@mkdir -p $(@D)
	@nm --undefined-only --format=posix $^ | sed -n 's/^\(snd_[a-z0-9_]*\) .*/CALL(\1)/p' | \
		sort -u >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(B)/tests/test_device_faults.o: $(B)/tests/alsa_calls.h
$(B)/tests/test_device_faults.o: BASE += -I$(B)/tests
$(B)/tests/test_device_faults: WRAP += $$(sed 's/CALL(\(.*\))/-Wl,--wrap=\1/' $(B)/tests/alsa_calls.h)
SELFTESTS := $(filter $(B)/tests/test_selftest_%,$(TESTS:%=$(B)/tests/%))
$(SELFTESTS): WRAP += -Wl,--wrap=clock_gettime -Wl,--wrap=clock_nanosleep
$(SELFTESTS): MORE = $(B)/tests/selftest_bed.o $(B)/libselftest.a
$(SELFTESTS): $(B)/tests/selftest_bed.o $(B)/libselftest.a
# Here what libraries allocate can be made to fail, too.
HEAP := $(B)/tests/heap/malloc.o
SHORTAGES := $(filter $(B)/tests/test_shortage%,$(TESTS:%=$(B)/tests/%))
$(SHORTAGES): MORE = $(HEAP)
$(SHORTAGES): $(HEAP)
# Of aud-ctl.
$(B)/tests/test_ctl_text: MORE = $(B)/ctl/text.o
$(B)/tests/test_ctl_text: $(B)/ctl/text.o
# What ours is measured against.
$(B)/tests/test_quality: YARDSTICKS = -lsoxr
$(B)/tests/bench_resample: YARDSTICKS = -lsoxr -lspeexdsp -lsamplerate
$(B)/tests/test_%: $(B)/tests/test_%.o $(FAKE_OBJ) $(B)/libdaemon.a $(B)/libaud.so
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(WRAP) -rdynamic -o $@ $< $(FAKE_OBJ) $(MORE) $(B)/libdaemon.a -L$(B) -laud \
		$(YARDSTICKS) $(TEST_LIBS) -Wl,-rpath,'$$ORIGIN/..'
$(B)/tests/bench_%: $(B)/tests/bench_%.o $(FAKE_OBJ) $(B)/libdaemon.a $(B)/libaud.so
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(WRAP) -rdynamic -o $@ $< $(FAKE_OBJ) $(B)/libdaemon.a -L$(B) -laud \
		$(YARDSTICKS) $(TEST_LIBS) -Wl,-rpath,'$$ORIGIN/..'
$(B)/tests/fuzz_%: $(B)/tests/fuzz_%.o $(FUZZ_OBJ) $(FAKE_OBJ) $(B)/libdaemon.a $(B)/libaud.so
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(WRAP) $(if $(filter fuzzer,$(SAN)),-fsanitize=fuzzer) -rdynamic \
		-o $@ $< $(FUZZ_OBJ) $(FAKE_OBJ) $(B)/libdaemon.a -L$(B) -laud $(TEST_LIBS) \
		-Wl,-rpath,'$$ORIGIN/..'
# What main and the player share, on a memory of its own: see tests/weak/memory.h.
WEAK_OBJ := $(patsubst daemon/%.c,$(B)/weak/%.o,$(filter-out $(HOT),$(call src,daemon/rt)))
$(B)/weak/%.o: daemon/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE) -Itests/weak -c -o $@ $<
$(B)/libweak.a: $(WEAK_OBJ)
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^
$(B)/tests/test_weak.o $(B)/tests/weak/memory.o: BASE += -Itests/weak
$(B)/tests/test_weak: $(B)/tests/test_weak.o $(B)/tests/weak/memory.o $(B)/libweak.a $(B)/libdaemon.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)
$(B)/tests/libasound_module_pcm_%.so: $(B)/tests/plugin_%.o
	$(call say,LD,$@)$(CC) $(LDFLAGS) -shared -o $@ $< $(call pkg,--libs alsa)

$(B)/tests/preload_%.so: $(B)/tests/preload_%.o
	$(call say,LD,$@)$(CC) $(LDFLAGS) -shared -o $@ $<

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- install ----------------------------------------------------------------------------

.PHONY: install uninstall
install: all
	install -D -m 755 $(AUDD) $(DESTDIR)$(bindir)/audd
	install -D -m 755 $(LIB) $(DESTDIR)$(libdir)/libaud.so.$(VERSION)
	ln -sf libaud.so.$(VERSION) $(DESTDIR)$(libdir)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(libdir)/libaud.so
	$(CC) $(LDFLAGS) -o $(B)/aud-ctl.install $(CTL_OBJ) -L$(B) -laud $(CTL_LIBS)
	install -D -m 755 $(B)/aud-ctl.install $(DESTDIR)$(bindir)/aud-ctl
	install -D -m 644 lib/aud.h $(DESTDIR)$(includedir)/aud.h
	install -D -m 644 proto/aud.proto $(DESTDIR)$(prefix)/share/aud/aud.proto
	install -d $(DESTDIR)$(libdir)/pkgconfig
	sed -e 's|@prefix@|$(prefix)|; s|@libdir@|$(libdir)|; s|@includedir@|$(includedir)|' \
		-e 's|@version@|$(VERSION)|' lib/aud.pc.in >$(DESTDIR)$(libdir)/pkgconfig/aud.pc
	install -D -m 644 ctl/aud-ctl.bash \
		$(DESTDIR)$(prefix)/share/bash-completion/completions/aud-ctl
	install -D -m 644 man/audd.8 $(DESTDIR)$(mandir)/man8/audd.8
	install -D -m 644 man/audd.conf.5 $(DESTDIR)$(mandir)/man5/audd.conf.5
	install -D -m 644 man/aud-ctl.1 $(DESTDIR)$(mandir)/man1/aud-ctl.1
	install -D -m 644 man/libaud.3 $(DESTDIR)$(mandir)/man3/libaud.3
	[ -e $(DESTDIR)$(sysconfdir)/audd.conf ] || \
		install -D -m 644 conf/audd.conf $(DESTDIR)$(sysconfdir)/audd.conf
	install -d $(DESTDIR)$(unitdir) $(DESTDIR)$(userunitdir)
	sed 's|@bindir@|$(bindir)|' systemd/audd.service >$(DESTDIR)$(unitdir)/audd.service
	install -m 644 systemd/audd.socket $(DESTDIR)$(unitdir)/audd.socket
	sed 's|@bindir@|$(bindir)|' systemd/user/audd.service >$(DESTDIR)$(userunitdir)/audd.service
	install -m 644 systemd/user/audd.socket $(DESTDIR)$(userunitdir)/audd.socket
	@# The loader finds a library in /usr/local by its cache only.
	@[ -n "$(DESTDIR)" ] || PATH="$$PATH:/usr/sbin:/sbin" ldconfig || \
		echo "programs will not find $(SONAME), unless LD_LIBRARY_PATH=$(libdir) is set"

uninstall:
	rm -f $(addprefix $(DESTDIR),$(bindir)/audd $(bindir)/aud-ctl $(includedir)/aud.h \
		$(libdir)/libaud.so $(libdir)/$(SONAME) $(libdir)/libaud.so.$(VERSION) \
		$(libdir)/pkgconfig/aud.pc $(prefix)/share/aud/aud.proto \
		$(prefix)/share/bash-completion/completions/aud-ctl \
		$(mandir)/man8/audd.8 $(mandir)/man5/audd.conf.5 $(mandir)/man1/aud-ctl.1 \
		$(mandir)/man3/libaud.3 $(unitdir)/audd.service $(unitdir)/audd.socket \
		$(userunitdir)/audd.service $(userunitdir)/audd.socket)

# Of a copy of the tree, as it stands; the tree is not touched.
.PHONY: deb
DEBS ?= build/deb
deb:
	rm -rf $(DEBS)
	mkdir -p $(DEBS)/aud-$(VERSION)
	git ls-files -z --cached --others --exclude-standard | \
		tar --null -T - --ignore-failed-read -c | tar -x -C $(DEBS)/aud-$(VERSION)
	cd $(DEBS)/aud-$(VERSION) && env -u MAKEFLAGS -u MAKEOVERRIDES -u CFLAGS -u CC \
		dpkg-buildpackage --no-sign -j

# ---- tests and checks -------------------------------------------------------------------

.PHONY: deps test programs fuzzers demo soak bench fuzz coverage lint format clean
deps:
	@tests/deps

programs: all $(TESTS:%=$(B)/tests/%) $(FUZZERS:%=$(B)/tests/%) $(PLUGINS)
fuzzers: $(FUZZERS:%=$(B)/tests/%)

test: deps
	@+tests/run

# In a virtual machine: needs root, for its root, and installs some more.
.PHONY: test-vm
test-vm: deps
	@tests/vm/run

demo: deps
	@+$(MAKE) --no-print-directory all
	@tests/demo $(B)

# HOURS (or a part of one) in real time, half on the null backend and half on an ALSA plugin; and
# VIRTUAL_HOURS in virtual time.
HOURS ?= 1
VIRTUAL_HOURS ?= 1000
soak: deps
	@+$(MAKE) --no-print-directory all $(B)/tests/test_soak $(B)/tests/test_soak_virtual $(PLUGINS)
	@SOAK_HOURS=$(HOURS) $(B)/tests/test_soak
	@SOAK_VIRTUAL_HOURS=$(VIRTUAL_HOURS) $(B)/tests/test_soak_virtual

bench: deps
	@+$(MAKE) --no-print-directory all $(BENCHES:%=$(B)/tests/%) $(B)/tests/preload_read.so $(PLUGINS)
	@tests/bench $(B)

SECONDS := 60
TARGET :=
fuzz: deps
	@+$(MAKE) --no-print-directory fuzzers SAN=fuzzer
	@tests/fuzz/run build/fuzzer $(SECONDS) $(TARGET)

coverage: deps
	@+tests/coverage

.PHONY: check-rt check-vectors check-layers check-shared check-man check-format
# What the real-time room calls is a subset of the list that reviewers see.
check-rt: $(RT_OBJ)
	@tests/check-rt $(RT_OBJ)
# The hot loops are vector code.
check-vectors: $(HOT_OBJ)
	@tests/check-vectors $(HOT_OBJ)
# Inside daemon/, files include only files of lower layers.
check-layers:
	@tests/check-layers
# Everything that threads share stands in the table in HACKING.md.
check-shared:
	@tests/check-shared
check-man:
	@mandoc -T lint -W warning man/*
check-format:
	@clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')
lint: check-rt check-vectors check-layers check-shared check-man check-format
format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf build
