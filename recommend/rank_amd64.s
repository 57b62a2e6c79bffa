#include "textflag.h"

// func scoreGroupsAVX2(cells *float32, size, groups int, feature *int32, cut, value *float32, depth, trees int, into *float32)
// Two groups are asked at a time, so that each question is read once for both;
// of an odd number the last one is asked by itself.
// Y0 and Y9 hold the leaves of the groups, Y7 and Y10 their sums.
TEXT ·scoreGroupsAVX2(SB), NOSPLIT, $0-72
	MOVQ cells+0(FP), SI
	MOVQ size+8(FP), R8
	MOVQ groups+16(FP), R14
	MOVQ depth+48(FP), R12
	MOVQ into+64(FP), DI
	VPCMPEQD Y8, Y8, Y8 // all ones
	VPSRLD $31, Y8, Y6  // 1 in each lane
	MOVQ R12, CX
	MOVQ $4, AX
	SHLQ CX, AX         // bytes of a tree's values
	SUBQ $2, R14
	JLT last

pair:
	MOVQ feature+24(FP), R9
	MOVQ cut+32(FP), R10
	MOVQ value+40(FP), R11
	MOVQ trees+56(FP), DX
	LEAQ (SI)(R8*1), CX
	VMOVUPS (DI), Y7
	VMOVUPS 32(DI), Y10

pairTree:
	VPXOR Y0, Y0, Y0
	VPXOR Y9, Y9, Y9
	VMOVDQA Y6, Y5
	MOVQ R12, BX

pairLevel:
	MOVLQSX (R9), R13
	VBROADCASTSS (R10), Y1
	VMOVUPS (SI)(R13*4), Y2
	VMOVUPS (CX)(R13*4), Y11
	VCMPPS $0x1E, Y1, Y2, Y3 // Y2 > Y1
	VCMPPS $0x1E, Y1, Y11, Y12
	VPAND Y5, Y3, Y3
	VPAND Y5, Y12, Y12
	VPOR Y3, Y0, Y0
	VPOR Y12, Y9, Y9
	VPADDD Y5, Y5, Y5
	ADDQ $4, R9
	ADDQ $4, R10
	DECQ BX
	JNZ pairLevel

	VMOVDQA Y8, Y4
	VMOVDQA Y8, Y13
	VPXOR Y3, Y3, Y3
	VPXOR Y12, Y12, Y12
	VGATHERDPS Y4, (R11)(Y0*4), Y3
	VGATHERDPS Y13, (R11)(Y9*4), Y12
	VADDPS Y3, Y7, Y7
	VADDPS Y12, Y10, Y10
	ADDQ AX, R11
	DECQ DX
	JNZ pairTree

	VMOVUPS Y7, (DI)
	VMOVUPS Y10, 32(DI)
	ADDQ $64, DI
	LEAQ (SI)(R8*2), SI
	SUBQ $2, R14
	JGE pair

last:
	ADDQ $2, R14
	JEQ done
	MOVQ feature+24(FP), R9
	MOVQ cut+32(FP), R10
	MOVQ value+40(FP), R11
	MOVQ trees+56(FP), DX
	VMOVUPS (DI), Y7

tree:
	VPXOR Y0, Y0, Y0
	VMOVDQA Y6, Y5
	MOVQ R12, BX

level:
	MOVLQSX (R9), R13
	VBROADCASTSS (R10), Y1
	VMOVUPS (SI)(R13*4), Y2
	VCMPPS $0x1E, Y1, Y2, Y3
	VPAND Y5, Y3, Y3
	VPOR Y3, Y0, Y0
	VPADDD Y5, Y5, Y5
	ADDQ $4, R9
	ADDQ $4, R10
	DECQ BX
	JNZ level

	VMOVDQA Y8, Y4
	VPXOR Y3, Y3, Y3
	VGATHERDPS Y4, (R11)(Y0*4), Y3
	VADDPS Y3, Y7, Y7
	ADDQ AX, R11
	DECQ DX
	JNZ tree

	VMOVUPS Y7, (DI)

done:
	VZEROUPPER
	RET
