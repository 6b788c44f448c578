waltham_OBJECTS  := libwaltham
waltham_HEADERS  := $(addprefix waltham/,waltham-object.h waltham-connection.h waltham-util.h waltham-client.h waltham-server.h) \
  relink/waltham.h
waltham_DIALECTS := gnu90 gnu99 c11 gnu17
waltham_INCLUDES := waltham

libwaltham_ROOM    := waltham
libwaltham_VERSION := 0.1.0
libwaltham_FILE    := libwaltham.so.0.0.0
libwaltham_SONAME  := libwaltham.so.0
libwaltham_LINKS   := libwaltham.so
libwaltham_SYSLIBS := -lgcc_s -lc
libwaltham_NEEDED  := libc.so.6 libgcc_s.so.1 $(LOADER)
# The second one is for protocols of a program's own.
libwaltham_PC      := waltham relink-waltham
libwaltham_ARCHIVE := libwaltham.a
