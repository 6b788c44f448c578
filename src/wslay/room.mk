wslay_OBJECTS  := libwslay
wslay_HEADERS  := wslay/wslay.h wslay/wslayver.h
wslay_DIALECTS := c90 gnu90 c++98 c++20

libwslay_ROOM    := wslay
libwslay_VERSION := 1.1.1
libwslay_FILE    := libwslay.so.1.1.1
libwslay_SONAME  := libwslay.so.1
# Debian's soname is .so.1, that of every autotools build .so.0: both kinds of binary run.
libwslay_LINKS   := libwslay.so.0 libwslay.so
libwslay_SYSLIBS := -lgcc_s -lc
libwslay_NEEDED  := libc.so.6 libgcc_s.so.1 $(LOADER)
libwslay_PC      := libwslay
libwslay_CMAKE   := wslay
libwslay_ARCHIVE := libwslay.a
